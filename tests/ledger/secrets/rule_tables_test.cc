// Tests each rule of the detector's tables with its own example and counter-example.
#include <gtest/gtest.h>

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "ledger/secrets/call_rules.h"
#include "ledger/secrets/command_rules.h"
#include "ledger/secrets/name_rules.h"
#include "ledger/secrets/phrase_rules.h"
#include "ledger/secrets/sanitized_text.h"
#include "ledger/secrets/token_rules.h"
#include "tests/fixtures/data/text_template.h"

namespace runledger {
namespace {

using fixtures::TemplateText;
using fixtures::text_from;

// Several texts are made of each example, because what is random in it may by chance look like a word.
constexpr std::uint64_t kSeeds = 5;

void expect_found(std::string_view example) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const TemplateText made = text_from(example, seed);
    const std::string text = sanitize(made.text).str();
    for (const std::string& secret : made.secrets) {
      EXPECT_EQ(text.find(secret), std::string::npos) << "expected " << secret << " to be found in " << made.text;
    }
  }
}

void expect_left_alone(std::string_view harmless) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const std::string text = text_from(harmless, seed).text;
    EXPECT_EQ(sanitize(text).str(), text);
  }
}

TEST(NameRules, FindTheirExamplesAndLeaveTheirCounterExamplesAlone) {
  for (const std::span<const NameRule> rules : {name_rules(), language_name_rules()}) {
    for (const NameRule& rule : rules) {
      if (rule.demand != Demand::kNever) expect_found(rule.example);
      expect_left_alone(rule.harmless);
    }
  }
}

TEST(NameRules, NameEachNameOnceInAPlace) {
  std::set<std::string> seen;
  for (const std::span<const NameRule> rules : {name_rules(), language_name_rules()}) {
    for (const NameRule& rule : rules) {
      const bool is_new = seen.insert(std::string(rule.name) + (rule.place == NamePlace::kQuery ? "?" : "")).second;
      EXPECT_TRUE(is_new) << rule.name;
    }
  }
}

TEST(TokenRules, FindTheirExamplesAndLeaveTheirCounterExamplesAlone) {
  for (const TokenRule& rule : token_rules()) {
    expect_found(rule.example);
    expect_left_alone(rule.harmless);
  }
}

TEST(TokenRules, FindNothingInsideAWord) {
  for (const TokenRule& rule : token_rules()) {
    if (rule.start == TokenStart::kAnywhere) continue;
    const std::string text = "x" + text_from(rule.example, 1).text;
    EXPECT_EQ(sanitize(text).str(), text);
  }
}

TEST(TokenRules, HavePrefixesOfTwoCharactersOrMore) {
  for (const TokenRule& rule : token_rules()) EXPECT_GE(rule.prefix.size(), 2U) << rule.prefix;
}

TEST(CommandRules, FindTheirExamplesAndLeaveTheirCounterExamplesAlone) {
  for (const CommandRule& rule : command_rules()) {
    expect_found(rule.example);
    expect_left_alone(rule.harmless);
  }
}

TEST(PhraseRules, FindTheirExamplesAndLeaveTheirCounterExamplesAlone) {
  for (const PhraseRule& rule : phrase_rules()) {
    expect_found(rule.example);
    expect_left_alone(rule.harmless);
  }
}

TEST(CallRules, FindTheirExamplesAndLeaveTheirCounterExamplesAlone) {
  for (const CallRule& rule : call_rules()) {
    expect_found(rule.example);
    expect_left_alone(rule.harmless);
  }
}

}  // namespace
}  // namespace runledger
