// The rules about the repository as a whole: names, folders, docs, golden files and exceptions.
#include "tests/architecture/tree_rules.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "ledger/rules/event.h"

namespace runledger::style {
namespace {

constexpr std::string_view kBannedWords[] = {"util",   "utils",   "helper",  "helpers",
                                             "common", "manager", "service", "misc"};
constexpr std::string_view kExceptionsPath = "tests/architecture/exceptions.txt";

std::vector<std::string> split(const std::string& text, const std::string& separators) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (separators.find(c) == std::string::npos) {
      words.back() += c;
    } else {
      words.emplace_back();
    }
  }
  return words;
}

const std::string& text_of(const SourceTree& tree, const std::string& path) {
  static const std::string none;
  const auto found = tree.find(path);
  return found == tree.end() ? none : found->second;
}

// Returns every folder of the tree, including those that only hold folders.
std::set<std::string> folders_of(const SourceTree& tree) {
  std::set<std::string> folders;
  for (const auto& [path, text] : tree) {
    for (std::string folder = folder_of(path); !folder.empty(); folder = folder_of(folder)) folders.insert(folder);
  }
  return folders;
}

// Returns the names of all tests, as "Suite.Name".
std::set<std::string> tests_of(const SourceTree& tree) {
  static const std::regex macro(R"((TEST|TEST_F|TEST_P|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)\(\s*(\w+),\s*(\w+))");
  std::set<std::string> tests;
  for (const auto& [path, text] : tree) {
    if (!path.ends_with("_test.cc")) continue;
    for (std::sregex_iterator match(text.begin(), text.end(), macro), end; match != end; ++match)
      tests.insert((*match)[2].str() + "." + (*match)[3].str());
  }
  return tests;
}

}  // namespace

std::vector<Finding> banned_names(const SourceTree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    for (const std::string& word : split(path, "/._-")) {
      if (std::find(std::begin(kBannedWords), std::end(kBannedWords), word) != std::end(kBannedWords))
        findings.push_back({"banned_names", path, 0, "\"" + word + "\" names no concept"});
    }
  }
  return findings;
}

std::vector<Finding> folders_documented(const SourceTree& tree) {
  const std::string& page = text_of(tree, "docs/architecture.md");
  const std::set<std::string> folders = folders_of(tree);
  std::vector<Finding> findings;
  for (const std::string& folder : folders) {
    const bool mirrors = folder.starts_with("tests/") && folders.contains(folder.substr(6));
    if (!mirrors && page.find(folder + "/") == std::string::npos)
      findings.push_back({"folders_documented", folder, 0, "docs/architecture.md does not mention " + folder + "/"});
  }
  return findings;
}

std::vector<Finding> golden_files(const SourceTree& tree) {
  std::vector<Finding> findings;
  for (const std::string_view kind : kEventKinds) {
    std::string underscored(kind);
    std::replace(underscored.begin(), underscored.end(), '-', '_');
    const bool found = std::any_of(tree.begin(), tree.end(), [&](const auto& file) {
      const std::string name = file_name(file.first);
      return file.first.starts_with("tests/fixtures/data/golden/") &&
             (name.find(kind) != std::string::npos || name.find(underscored) != std::string::npos);
    });
    if (!found)
      findings.push_back({"golden_files", "tests/fixtures/data/golden", 0, "no file for " + std::string(kind)});
  }
  return findings;
}

std::vector<Finding> doc_links(const SourceTree& tree) {
  static const std::regex link(R"(\]\(([^)#\s]+)(#[^)]*)?\))");
  const std::set<std::string> folders = folders_of(tree);
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (!path.ends_with(".md")) continue;
    for (std::sregex_iterator match(text.begin(), text.end(), link), end; match != end; ++match) {
      const std::string target = (*match)[1];
      if (target.find(':') != std::string::npos) continue;  // A link to the web.
      const auto whole = (std::filesystem::path(folder_of(path)) / target).lexically_normal().generic_string();
      const std::string place = whole.ends_with('/') ? whole.substr(0, whole.size() - 1) : whole;
      if (!tree.contains(place) && !folders.contains(place))
        findings.push_back({"doc_links", path, 0, "links to " + target + ", which is not there"});
    }
  }
  return findings;
}

std::vector<Finding> guarantees_shown(const SourceTree& tree) {
  static const std::regex name(R"(`([A-Z]\w+\.[A-Z]\w+)`)");
  const std::string path = "docs/guarantees.md";
  const std::string& page = text_of(tree, path);
  const std::set<std::string> tests = tests_of(tree);
  std::vector<Finding> findings;
  std::sregex_iterator match(page.begin(), page.end(), name);
  const std::sregex_iterator end;
  if (match == end) findings.push_back({"guarantees_shown", path, 0, "names no test at all"});
  for (; match != end; ++match) {
    if (!tests.contains((*match)[1])) findings.push_back({"guarantees_shown", path, 0, "no test " + (*match)[1].str()});
  }
  return findings;
}

std::vector<Finding> apply_exceptions(std::vector<Finding> findings, const std::string& exceptions) {
  std::vector<Finding> left = std::move(findings);
  int number = 0;
  for (const std::string& line : lines_of(exceptions)) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string rule;
    std::string path;
    std::string hash;
    std::string reason;
    words >> rule >> path >> hash >> reason;
    const auto allowed = [&](const Finding& finding) { return finding.rule == rule && finding.path == path; };
    const bool needed = std::erase_if(left, allowed) > 0;
    if (!needed) left.push_back({rule, std::string(kExceptionsPath), number, "nothing needs this exception: " + line});
    if (hash != "#" || reason.empty())
      left.push_back({rule, std::string(kExceptionsPath), number, "no reason: " + line});
  }
  return left;
}

}  // namespace runledger::style
