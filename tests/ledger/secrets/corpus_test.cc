// Measures the detector on lists of texts: how many secrets it finds, and how often it raises a false alarm.
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/secrets/sanitized_text.h"
#include "tests/fixtures/data/text_corpus.h"

namespace runledger {
namespace {

using fixtures::CorpusText;

// True when neither a part of the secret nor the beginning or the end of a long one is left.
bool hides(std::string_view text, const CorpusText& it) {
  constexpr std::size_t kLongMin = 16;
  constexpr std::size_t kPiece = 8;
  for (const std::string& part : it.secrets) {
    const std::string_view secret = part;
    if (text.find(secret) != std::string_view::npos) return false;
    if (secret.size() < kLongMin) continue;
    if (text.find(secret.substr(0, kPiece)) != std::string_view::npos) return false;
    if (text.find(secret.substr(secret.size() - kPiece)) != std::string_view::npos) return false;
  }
  return true;
}

std::string describe(const CorpusText& it, std::string_view became) {
  return "\n  " + it.kind + ": " + it.text + "\n    -> " + std::string(became);
}

std::vector<CorpusText> texts_of(std::initializer_list<std::string_view> lists) {
  std::string lines;
  for (const std::string_view list : lists) lines += list;
  return fixtures::corpus_of(lines);
}

TEST(SecretCorpus, IsFoundButForThreeInAHundred) {
  const std::vector<CorpusText> texts = texts_of({fixtures::secret_lines(), fixtures::second_secret_lines(),
                                                  fixtures::third_secret_lines(), fixtures::fourth_secret_lines()});
  ASSERT_GE(texts.size(), 300U);
  std::string missed;
  std::size_t count = 0;
  for (const CorpusText& it : texts) {
    ASSERT_FALSE(it.secrets.empty()) << it.text;
    const std::string text = sanitize(it.text).str();
    if (hides(text, it)) continue;
    ++count;
    missed += describe(it, text);
  }
  EXPECT_LE(count * 100, texts.size() * 3) << count << " of " << texts.size() << " were missed:" << missed;
}

TEST(HarmlessCorpus, IsLeftAloneButForOneInAHundred) {
  const std::vector<CorpusText> texts = texts_of({fixtures::harmless_lines(), fixtures::second_harmless_lines(),
                                                  fixtures::third_harmless_lines(), fixtures::fourth_harmless_lines()});
  ASSERT_GE(texts.size(), 300U);
  std::string altered;
  std::size_t count = 0;
  for (const CorpusText& it : texts) {
    const std::string text = sanitize(it.text).str();
    if (text.find("[redacted]") == std::string::npos || it.text.find("[redacted]") != std::string::npos) continue;
    ++count;
    altered += describe(it, text);
  }
  EXPECT_LE(count * 100, texts.size()) << count << " of " << texts.size() << " raised a false alarm:" << altered;
}

TEST(SecretCorpus, SanitisedAgainStaysAsItIs) {
  for (const std::string_view lines :
       {fixtures::secret_lines(), fixtures::second_secret_lines(), fixtures::third_secret_lines(),
        fixtures::fourth_secret_lines(), fixtures::harmless_lines(), fixtures::second_harmless_lines(),
        fixtures::third_harmless_lines(), fixtures::fourth_harmless_lines()}) {
    for (const CorpusText& it : fixtures::corpus_of(lines)) {
      const SanitizedText once = sanitize(it.text);
      EXPECT_EQ(sanitize(once.str()), once) << it.text;
    }
  }
}

}  // namespace
}  // namespace runledger
