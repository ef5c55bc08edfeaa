// Scans a text once and, at each character that may betray a secret, checks whether there is one.
//
// kTriggers maps every byte to the kind of secret that it may be part of; most bytes map to none, so that ordinary text
// costs one table lookup a byte. A trigger is a character that all secrets of a kind contain, such as the "=" of an
// assignment or the J of a web token's "eyJ", rather than their first character, which is often a common letter. At a
// trigger, Scanner::secret_at() calls the functions of shapes.h and assignments.h for that kind. They look back and
// forward from the trigger and return the bytes of the secret. Where a character may belong to several kinds,
// at_separator() and at_hyphen() try them in a fixed order, and the first match wins.
//
// A secret may begin before its trigger, and may thus overlap the one before. The scanner clips it at `floor_`, the end
// of the last secret, and continues after its end. Two invariants follow: the returned spans are ascending and
// disjoint, which redact_once() needs to copy the text between them; and positions only ascend, which SecretShapes
// needs to keep the whole scan linear in the length of the text.
//
// redact_secrets() repeats the scan on its own result, because a replacement changes what surrounds it. Only this loop
// makes contains_secret(redact_secrets(x)) false for every x.
#include "ledger/secrets/detector.h"

#include <array>
#include <optional>

#include "ledger/secrets/assignments.h"
#include "ledger/secrets/shapes.h"

namespace runledger {

namespace {

// The kind of secret that a character may be part of.
enum class Trigger : unsigned char {
  kNone,
  kSeparator,   // = :
  kPercent,     // %
  kHyphen,      // -
  kPrefixEnd,   // The last characters of token prefixes.
  kWebToken,    // J
  kAwsKey,      // K S
  kTilde,       // ~
  kSlash,       // /
  kQuote,       // " ' `
  kElementEnd,  // >
  kSpace,
};

constexpr std::array<Trigger, 256> make_triggers() {
  std::array<Trigger, 256> triggers{};
  const auto set = [&](std::string_view characters, Trigger trigger) {
    for (const char c : characters) triggers[static_cast<unsigned char>(c)] = trigger;
  };
  set("=:", Trigger::kSeparator);
  set("%", Trigger::kPercent);
  set(kPrefixEnds, Trigger::kPrefixEnd);
  set("-", Trigger::kHyphen);  // Overrides kPrefixEnd: at_hyphen() checks for prefixes too.
  set("J", Trigger::kWebToken);
  set("KS", Trigger::kAwsKey);
  set("~", Trigger::kTilde);
  set("/", Trigger::kSlash);
  set("\"'`", Trigger::kQuote);
  set(">", Trigger::kElementEnd);
  set(" \t\r\n", Trigger::kSpace);
  return triggers;
}

constexpr std::array<Trigger, 256> kTriggers = make_triggers();

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text), shapes_(text) {}

  // Returns the next secret after the last one, or nullopt when the rest of the text has no secret.
  std::optional<TextSpan> next() {
    for (; position_ < text_.size(); ++position_) {
      const Trigger trigger = kTriggers[static_cast<unsigned char>(text_[position_])];
      if (trigger == Trigger::kNone) continue;
      auto span = secret_at(trigger);
      if (!span || span->end <= floor_) continue;
      span->begin = std::max(span->begin, floor_);
      floor_ = span->end;
      position_ = std::max(position_ + 1, span->end);
      return span;
    }
    return std::nullopt;
  }

 private:
  std::optional<TextSpan> secret_at(Trigger trigger) {
    switch (trigger) {
      case Trigger::kNone:
        return std::nullopt;
      case Trigger::kSeparator:
        return at_separator();
      case Trigger::kPercent:
        return assigned_value(text_, position_);
      case Trigger::kHyphen:
        return at_hyphen();
      case Trigger::kPrefixEnd:
        return shapes_.prefixed_token(position_);
      case Trigger::kWebToken:
        return shapes_.web_token(position_);
      case Trigger::kAwsKey:
        return shapes_.aws_key(position_);
      case Trigger::kTilde:
        return shapes_.azure_client_secret(position_);
      case Trigger::kSlash:
        return shapes_.webhook(position_);
      case Trigger::kQuote:
        return quoted_value(text_, position_);
      case Trigger::kElementEnd:
        return element_value(text_, position_);
      case Trigger::kSpace:
        return shapes_.scheme_value(position_);
    }
    return std::nullopt;
  }

  std::optional<TextSpan> at_separator() {
    if (text_[position_] == ':') {
      if (auto span = shapes_.url_password(position_)) return span;
      if (auto span = shapes_.oracle_password(position_)) return span;
    } else if (auto span = shapes_.azure_account_key(position_)) {
      return span;
    }
    return assigned_value(text_, position_);
  }

  std::optional<TextSpan> at_hyphen() {
    if (auto span = shapes_.private_key(position_)) return span;
    if (auto span = option_value(text_, position_)) return span;
    if (auto span = login_value(text_, position_)) return span;
    return shapes_.prefixed_token(position_);
  }

  std::string_view text_;
  SecretShapes shapes_;
  std::size_t position_ = 0;
  std::size_t floor_ = 0;  // The end of the last secret; no later span begins before it.
};

std::string redact_once(std::string_view text) {
  std::string redacted;
  redacted.reserve(text.size());
  std::size_t kept_to = 0;
  Scanner scanner(text);
  while (const auto span = scanner.next()) {
    redacted.append(text.substr(kept_to, span->begin - kept_to));
    redacted.append(kRedacted);
    kept_to = span->end;
  }
  return redacted.append(text.substr(kept_to));
}

}  // namespace

bool contains_secret(std::string_view text) {
  return Scanner(text).next().has_value();
}

// The text around a redaction may look like a secret again, in theory without end. A text that still does so after
// kRoundsMax rounds is redacted as a whole.
std::string redact_secrets(std::string_view text) {
  constexpr int kRoundsMax = 4;
  std::string redacted = redact_once(text);
  for (int round = 1; round < kRoundsMax && contains_secret(redacted); ++round) redacted = redact_once(redacted);
  return contains_secret(redacted) ? std::string(kRedacted) : redacted;
}

}  // namespace runledger
