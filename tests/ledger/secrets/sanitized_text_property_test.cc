// Properties that every sanitised text has, whatever it was made from.
#include "ledger/secrets/sanitized_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ledger/base/utf8.h"
#include "ledger/secrets/detector.h"
#include "ledger/secrets/visible_text.h"
#include "tests/fixtures/data/secrets.h"

namespace runledger {
namespace {

using fixtures::FakeSecret;

rc::Gen<FakeSecret> any_secret() {
  return rc::gen::map(rc::gen::pair(rc::gen::inRange<std::size_t>(0, fixtures::fake_secret_kinds()),
                                    rc::gen::inRange<std::uint64_t>(0, 1'000'000)),
                      [](const auto& choice) { return fixtures::fake_secret(choice.first, choice.second); });
}

// Returns pieces of objects, calls, statements and commands.
rc::Gen<std::string> any_piece_of_code() {
  // clang-format off
  return rc::gen::elementOf(std::vector<std::string>{
      "{\"", "\":", "[\"", "\",\"", "\\\"", "login('a','", "requirepass ", "net user bob ", " VALUES ('",
      "(user, password)", "_PROD=", "credentials: a / ", "/pass:", "Apple.Pie", "は", "PWD={",
      "orbit canyon velvet ladder ", "mnemonic ",
  });
  // clang-format on
}

// Returns pieces that mean something to the detector, so that random texts come close to real secrets.
rc::Gen<std::string> any_piece() {
  return rc::gen::oneOf(
      rc::gen::arbitrary<std::string>(), any_piece_of_code(),
      rc::gen::elementOf(std::vector<std::string>{"password",    "token",
                                                  "secret",      "=",
                                                  ":",           ": ",
                                                  "\"",          "'",
                                                  "\\",          ";",
                                                  "&",           " ",
                                                  "  ",          "--",
                                                  "://",         "@",
                                                  "eyJ",         ".",
                                                  "Bearer ",     "Basic ",
                                                  "-----BEGIN ", "PRIVATE KEY-----",
                                                  "[redacted]",  "[",
                                                  "{",           "<",
                                                  ">",           "AKIA",
                                                  "sk_live_",    "Q~",
                                                  "==",          "%3D",
                                                  "&quot;",      "&#61;",
                                                  "\\u003d",     "\\u0022",
                                                  "\x1B[31m",    "[0m",
                                                  "＝",          "ｐａｓｓｗｏｒｄ",
                                                  "\u00A0",      " is ",
                                                  "login ",      "mysql -p",
                                                  "-u bob:",     "name=",
                                                  "value=",      "パスワード",
                                                  "|",           ",",
                                                  "hunter2xyz",  "…",
                                                  "\u200B",      "\xC3",
                                                  "\n",          "null",
                                                  "api key",     "Authorization",
                                                  "Cookie",      "hooks.slack.com/services/"}),
      rc::gen::map(rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcXYZ019+/=_-~."))),
                   [](std::string text) { return text; }),
      rc::gen::map(any_secret(), [](const FakeSecret& fake) { return fake.text; }));
}

rc::Gen<std::string> any_text() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(any_piece()),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const std::string& piece : pieces) text += piece;
                        return text;
                      });
}

std::size_t characters_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

RC_GTEST_PROP(SanitizedTextLaws, AnyTextBecomesFitToBeStored, ()) {
  const std::string text = sanitize(*any_text()).str();
  RC_ASSERT(is_valid_utf8(text));
  RC_ASSERT(characters_of(text) <= SanitizedText::kCharactersMax);
  RC_ASSERT(visible_text(text).view() == text);
  RC_ASSERT(!contains_secret(text));
}

RC_GTEST_PROP(SanitizedTextLaws, SanitizingTwiceIsSanitizingOnce, ()) {
  const SanitizedText once = sanitize(*any_text());
  RC_ASSERT(sanitize(once.str()) == once);
}

RC_GTEST_PROP(SanitizedTextLaws, RedactedTextHoldsNoSecretAndStaysAsItIs, ()) {
  const std::string redacted = redact_secrets(*any_text());
  RC_ASSERT(!contains_secret(redacted));
  RC_ASSERT(redact_secrets(redacted) == redacted);
}

RC_GTEST_PROP(SanitizedTextLaws, RedactionChangesATextExactlyWhenItHoldsASecret, ()) {
  const std::string text = *any_text();
  RC_ASSERT(contains_secret(text) == (redact_secrets(text) != text));
}

RC_GTEST_PROP(SanitizedTextLaws, NoSecretSurvivesAnywhereInAMessage, ()) {
  const FakeSecret fake = *any_secret();
  const std::size_t words_before = *rc::gen::inRange<std::size_t>(0, 110);
  const std::size_t words_behind = *rc::gen::inRange<std::size_t>(0, 110);
  std::string raw;
  for (std::size_t i = 0; i < words_before; ++i) raw += "step ";
  raw += fake.text;
  for (std::size_t i = 0; i < words_behind; ++i) raw += " more";
  const std::string text = sanitize(raw).str();
  RC_ASSERT(text.find(fake.secret) == std::string::npos);
  RC_ASSERT(text.find(fake.secret.substr(0, 8)) == std::string::npos);
}

// The sanitiser looks at no more of a text than it needs for what it keeps.
RC_GTEST_PROP(SanitizedTextLaws, ALongTextIsCleanedLikeItsWhole, ()) {
  constexpr std::size_t kSizeMin = 16U * 1024;
  std::string raw;
  const std::string piece = *any_text() + "x ";
  while (raw.size() < kSizeMin) raw += piece;
  const std::string whole = redact_secrets(visible_text(raw).view());
  RC_PRE(characters_of(whole) > SanitizedText::kCharactersMax);
  std::size_t end = 0;
  for (std::size_t characters = 0; characters < SanitizedText::kCharactersMax - 1; ++end)
    characters += begins_character(whole[end + 1]) ? 1U : 0U;
  RC_ASSERT(sanitize(raw) == sanitize(whole.substr(0, end) + std::string(kEllipsis)));
}

RC_GTEST_PROP(SanitizedTextLaws, TwoSecretsSideBySideBothGo, ()) {
  const FakeSecret first = *any_secret();
  const FakeSecret second = *any_secret();
  const std::string between = *rc::gen::elementOf(std::vector<std::string>{" ", ", ", "\n", "; ", " and "});
  const std::string text = sanitize(first.text + between + second.text).str();
  RC_LOG() << first.text << between << second.text << " became " << text << "\n";
  RC_ASSERT(text.find(first.secret) == std::string::npos);
  RC_ASSERT(text.find(second.secret) == std::string::npos);
}

}  // namespace
}  // namespace runledger
