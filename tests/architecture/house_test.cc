// Checks this repository against its own style rules.
#include <gtest/gtest.h>

#include "tests/architecture/include_rules.h"
#include "tests/architecture/page_rules.h"
#include "tests/architecture/text_rules.h"
#include "tests/architecture/tree_rules.h"

namespace runledger::style {
namespace {

using Rule = std::vector<Finding> (*)(const SourceTree&);

constexpr Rule kRules[] = {include_direction,  library_homes, include_cycles, file_sizes,       function_lengths,
                           leftovers,          purpose_lines, sql_homes,      test_names,       banned_names,
                           folders_documented, golden_files,  doc_links,      guarantees_shown, page_imports,
                           page_routes,        page_safety,   page_vendor};

std::string describe(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings)
    text += finding.path + ":" + std::to_string(finding.line) + ": " + finding.rule + ": " + finding.what + "\n";
  return text;
}

TEST(House, IsReadFromTheSourceFolder) {
  EXPECT_TRUE(house().contains("ledger/rules/run.h"));
  EXPECT_TRUE(house().contains("scripts/test"));
  EXPECT_TRUE(house().contains("README.md"));
  EXPECT_FALSE(house().contains("build/build.ninja"));
}

TEST(House, KeepsEveryStyleRuleButForTheListedExceptions) {
  std::vector<Finding> findings;
  for (const Rule rule : kRules) {
    const std::vector<Finding> found = rule(house());
    findings.insert(findings.end(), found.begin(), found.end());
  }
  EXPECT_EQ(describe(apply_exceptions(std::move(findings), house().at("tests/architecture/exceptions.txt"))), "");
}

}  // namespace
}  // namespace runledger::style
