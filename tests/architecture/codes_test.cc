// Checks that docs/codes.md lists every stable code in the sources, and no other code.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "jobs/builtin_catalog.h"
#include "tests/architecture/source_tree.h"

namespace runledger::style {
namespace {

// The literals in the sources that are codes, or parts of codes:
// - "run.not_found" is a whole code;
// - "mirror.row_" is the beginning of a code, to which the source appends a word;
// - "{}.invalid" is the end of a code, which begins with the name of a field. The page lists it as <field>.invalid.
struct Codes {
  std::set<std::string> whole;
  std::set<std::string> beginnings;
  std::set<std::string> endings;
};

bool says_codes(std::string_view path) {
  const std::set<std::string> folders{"ledger", "engines", "projections", "jobs", "clients", "tools"};
  return is_cpp(path) && folders.contains(top_folder(path));
}

// True for literals that look like a code but are the names of files, tables or types.
bool is_another_name(const std::string& text) {
  const auto type = parse_run_type(text);
  const std::set<std::string> files{"identity.key",     "identity.key.kept", "audit.key",   "audit.key.next",
                                    "audit.checkpoint", "audit.rotations",   "backup.json", "seal.keys",
                                    "seal.master",      "scopes.check"};
  static const std::regex column("[ad]\\.[a-z]+");  // Of a table with an alias in SQL.
  return files.contains(text) || text.starts_with("pg_temp.") || std::regex_match(text, column) ||
         (type && builtin_catalog().entries().contains(*type));
}

void add_literal(const std::string& text, Codes& codes) {
  static const std::regex dotted("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+");
  static const std::regex ending("\\{\\}(\\.[a-z][a-z0-9_]*)");
  std::smatch match;
  if (std::regex_match(text, match, ending)) {
    codes.endings.insert(match[1]);
  } else if (std::regex_match(text, dotted) && !is_another_name(text)) {
    (text.ends_with('_') ? codes.beginnings : codes.whole).insert(text);
  }
}

// A code of a single word looks like any other word, so it is recognised by the call that it is an argument of. In the
// table of the remedies' words, a brace follows the word.
void add_single_words(const std::string& text, Codes& codes) {
  static const std::regex refusal(
      "(reject\\(|refuse\\(|Remedy::k\\w+,\\s*|report_error\\(\\w+,\\s*)\"([a-z_]+)\"(?!\\})");
  for (std::sregex_iterator it(text.begin(), text.end(), refusal), end; it != end; ++it) codes.whole.insert((*it)[2]);
}

Codes codes_of_sources(const SourceTree& tree) {
  Codes codes;
  for (const auto& [path, text] : tree) {
    if (!says_codes(path)) continue;
    for (const StringLiteral& literal : string_literals(text)) add_literal(literal.content, codes);
    add_single_words(text, codes);
  }
  return codes;
}

// Returns the first column of the page's tables, in their order.
std::vector<std::string> codes_of_page(const std::string& page) {
  static const std::regex row("\\| `([^`]+)` \\|.*");
  std::vector<std::string> codes;
  for (const std::string& line : lines_of(page)) {
    std::smatch match;
    if (std::regex_match(line, match, row)) codes.push_back(match[1]);
  }
  return codes;
}

bool is_placeholder(const std::string& code) {
  return code.starts_with('<');
}

std::string ending_of(const std::string& code) {
  return code.substr(std::min(code.rfind('.'), code.size()));
}

// Returns the codes that the sources use and the page does not list.
std::vector<std::string> missing_from_page(const Codes& said, const std::vector<std::string>& page) {
  std::vector<std::string> missing;
  const auto shows = [&](auto test) { return std::any_of(page.begin(), page.end(), test); };
  for (const std::string& code : said.whole) {
    if (!shows([&](const std::string& shown) { return shown == code; })) missing.push_back(code);
  }
  for (const std::string& beginning : said.beginnings) {
    if (!shows([&](const std::string& shown) { return shown.starts_with(beginning); })) missing.push_back(beginning);
  }
  for (const std::string& ending : said.endings) {
    if (!shows([&](const std::string& shown) { return is_placeholder(shown) && ending_of(shown) == ending; }))
      missing.push_back(ending);
  }
  return missing;
}

// Returns the codes that the page lists and the sources never use.
std::vector<std::string> missing_from_sources(const Codes& said, const std::vector<std::string>& page) {
  std::vector<std::string> missing;
  for (const std::string& code : page) {
    const bool composed = std::any_of(said.beginnings.begin(), said.beginnings.end(),
                                      [&](const std::string& beginning) { return code.starts_with(beginning); }) ||
                          said.endings.contains(ending_of(code)) || ending_of(code).starts_with(".<");
    if (!said.whole.contains(code) && !composed) missing.push_back(code);
  }
  return missing;
}

using Names = std::vector<std::string>;

TEST(Codes, OfTheSourcesStandOnTheirPage) {
  EXPECT_EQ(missing_from_page(codes_of_sources(house()), codes_of_page(house().at("docs/codes.md"))), Names{});
}

TEST(Codes, OfThePageStandInTheSources) {
  EXPECT_EQ(missing_from_sources(codes_of_sources(house()), codes_of_page(house().at("docs/codes.md"))), Names{});
}

TEST(Codes, AreShownOnceEach) {
  const Names page = codes_of_page(house().at("docs/codes.md"));
  EXPECT_GT(page.size(), 100U);
  EXPECT_EQ(std::set<std::string>(page.begin(), page.end()).size(), page.size());
}

TEST(CodeRule, FindsACodeThatThePageDoesNotShow) {
  const SourceTree tree{{"ledger/x.cc",
                         "return reject(\"run.lost\", \"a detail of run.other\");  // \"not.a_code\"\n"
                         "return reject(\"overfed\", detail);\n"
                         "return reject(fmt::format(\"{}.broken\", field), detail);\n"}};
  EXPECT_EQ(missing_from_page(codes_of_sources(tree), {}), (Names{"overfed", "run.lost", ".broken"}));
  EXPECT_EQ(missing_from_page(codes_of_sources(tree), {"overfed", "run.lost", "<field>.broken"}), Names{});
}

TEST(CodeRule, FindsACodeThatNoSourceSays) {
  const SourceTree tree{{"ledger/x.cc", "add(\"mirror.row_\" + kind); reject(\"run.lost\", \"\");"},
                        {"tests/x.cc", "\"run.tested\""}};
  EXPECT_EQ(missing_from_sources(codes_of_sources(tree), {"run.lost", "mirror.row_extra", "run.tested", "run.gone"}),
            (Names{"run.tested", "run.gone"}));
}

TEST(CodeRule, KnowsNamesThatAreNoCodes) {
  const SourceTree tree{{"jobs/x.cc", "\"identity.key\" \"assignments.fetch\" \"pg_temp.t\" \"a b.c\" \"A.b\""}};
  EXPECT_EQ(missing_from_page(codes_of_sources(tree), {}), Names{});
}

}  // namespace
}  // namespace runledger::style
