// The rules about single files: sizes, lengths of functions, leftovers, purpose lines, SQL and names of tests.
//
// Each rule is a function from the SourceTree to findings, without state, and tells by itself which files it is about.
// Most rules walk over the lines of a file and match regular expressions: they read text, not C++. Where a comment or a
// literal could mislead them, code_only() or string_literals() (source_tree.h) takes the file apart first.
//
// function_lengths() is the only rule with a parser of a kind, FunctionMeter. It keeps a stack of the open braces.
// `head_` collects the code since the last block or statement ended, and when a brace opens, its text tells what the
// block is:
// - a scope, if it ends in "namespace X", "class X" and the like, without parentheses after the keyword;
// - a function, if the brace is directly inside a scope, and the text has parentheses and ends with a blank;
// - anything else: a statement, an initialiser, a table.
// Only functions are measured, so blocks in a function count as lines of it. A closing brace clears `head_`, except
// after a brace inside a signature (a default argument or a member initialiser), because that signature goes on.
#include "tests/architecture/text_rules.h"

#include <algorithm>
#include <cctype>
#include <regex>

namespace runledger::style {
namespace {

bool is_source(std::string_view path, std::string_view text) {
  if (path.starts_with("web/vendor/")) return false;
  return is_cpp(path) || is_script(text) ||
         ends_with_any(path, {".capnp", ".sql", ".cmake", "CMakeLists.txt", ".ts", ".tsx", ".mjs", ".css"});
}

int lines_max(std::string_view path) {
  if (path.ends_with(".h")) return kHeaderLinesMax;
  return path.ends_with(".md") ? kDocLinesMax : kFileLinesMax;
}

// Counts the code points of UTF-8, which are the bytes that do not continue another one.
std::ptrdiff_t columns(const std::string& line) {
  return std::count_if(line.begin(), line.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

// Measures the blocks of C++ code that look like bodies of functions.
class FunctionMeter {
 public:
  FunctionMeter(std::string path, std::vector<Finding>& findings) : path_(std::move(path)), findings_(findings) {}

  void read(const std::string& code) {
    for (const char c : code) step(c);
  }

 private:
  enum class Block { kScope, kFunction, kOther };

  struct Open {
    Block block;
    int line;  // The line where its signature begins.
  };

  void step(char c) {
    if (c == '\n') ++line_;
    if (c == '{') {
      open();
    } else if (c == '}') {
      close();
    } else if (c == ';') {
      head_.clear();
    } else if (!head_.empty() || std::isspace(static_cast<unsigned char>(c)) == 0) {
      if (head_.empty()) head_line_ = line_;
      head_ += c;
    }
  }

  void open() {
    const bool at_scope = blocks_.empty() || blocks_.back().block == Block::kScope;
    static const std::regex scope(R"((^|[\s>])(namespace|class|struct|union|enum|extern)\b[^()]*$)");
    Block block = Block::kOther;
    if (at_scope && std::regex_search(head_, scope)) {
      block = Block::kScope;
    } else if (at_scope && is_body()) {
      block = Block::kFunction;
    }
    blocks_.push_back({block, head_line_});
    if (block == Block::kScope) head_.clear();
  }

  // A signature has parentheses and a blank before the brace of its body. A member initialiser `a_{x}` has no blank.
  [[nodiscard]] bool is_body() const {
    return head_.find('(') != std::string::npos && std::isspace(static_cast<unsigned char>(head_.back())) != 0;
  }

  void close() {
    if (blocks_.empty()) return;
    const Open last = blocks_.back();
    blocks_.pop_back();
    const int length = line_ - last.line + 1;
    if (last.block == Block::kFunction && length > kFunctionLinesMax)
      findings_.push_back({"function_lengths", path_, last.line, "a function of " + std::to_string(length) + " lines"});
    const bool inside_signature =
        last.block == Block::kOther && !blocks_.empty() && blocks_.back().block == Block::kScope;
    if (!inside_signature) head_.clear();
  }

  std::string path_;
  std::vector<Finding>& findings_;
  std::vector<Open> blocks_;
  std::string head_;  // Code since the last block or statement ended.
  int head_line_ = 1;
  int line_ = 1;
};

std::string_view comment_mark(std::string_view path) {
  if (is_cpp(path) || ends_with_any(path, {".ts", ".tsx", ".mjs"})) return "// ";
  if (path.ends_with(".css")) return "/* ";
  return path.ends_with(".sql") ? "-- " : "# ";
}

// A purpose begins with a capital (or a digit, or a quoted name), has three words or more, and its comment has the end
// of a sentence somewhere.
bool is_purpose(const std::vector<std::string>& lines, std::size_t first, std::string_view mark) {
  if (first >= lines.size() || !lines[first].starts_with(mark)) return false;
  const std::string sentence = lines[first].substr(mark.size());
  const bool begins = !sentence.empty() && std::islower(static_cast<unsigned char>(sentence[0])) == 0;
  if (!begins || std::count(sentence.begin(), sentence.end(), ' ') < 2) return false;
  for (std::size_t i = first; i < lines.size() && lines[i].starts_with(mark.substr(0, mark.size() - 1)); ++i) {
    if (lines[i].find(". ") != std::string::npos || ends_with_any(lines[i], {".", ":", "…"})) return true;
  }
  return false;
}

}  // namespace

std::vector<Finding> file_sizes(const SourceTree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    const bool source = is_source(path, text);
    if (!source && !path.ends_with(".md")) continue;
    const std::vector<std::string> lines = lines_of(text);
    if (static_cast<int>(lines.size()) > lines_max(path))
      findings.push_back(
          {"file_sizes", path, 0,
           std::to_string(lines.size()) + " lines; " + std::to_string(lines_max(path)) + " are allowed"});
    bool in_code = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!source && lines[i].starts_with("```")) in_code = !in_code;
      const bool can_be_wrapped = source || (!in_code && !lines[i].starts_with('|'));
      if (can_be_wrapped && columns(lines[i]) > kColumnsMax)
        findings.push_back({"file_sizes", path, static_cast<int>(i) + 1, "more than 120 columns"});
    }
  }
  return findings;
}

std::vector<Finding> function_lengths(const SourceTree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path)) continue;
    FunctionMeter meter(path, findings);
    meter.read(code_only(text));
  }
  return findings;
}

std::vector<Finding> leftovers(const SourceTree& tree) {
  // The marks are written in pieces, so that the rule does not find them here.
  static const std::regex mark(
      "\\b(FIX"
      "ME|XX"
      "X)\\b");
  static const std::regex todo(
      "\\bTO"
      "DO\\b(?!\\((perf|cleanup|test|someday)\\):)");
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (!is_source(path, text)) continue;
    const std::vector<std::string> lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (std::regex_search(lines[i], mark) || std::regex_search(lines[i], todo))
        findings.push_back({"leftovers", path, static_cast<int>(i) + 1, lines[i]});
    }
  }
  return findings;
}

std::vector<Finding> purpose_lines(const SourceTree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (!is_source(path, text)) continue;
    const std::size_t first = is_script(text) ? 1 : 0;
    if (!is_purpose(lines_of(text), first, comment_mark(path)))
      findings.push_back({"purpose_lines", path, 1, "does not begin with a sentence on what it is"});
  }
  return findings;
}

std::vector<Finding> sql_homes(const SourceTree& tree) {
  static const std::regex sql(
      R"(^\s*(select\s.*\bfrom\b|select\s+\w+\(|insert into\b|update \S+ set\b|delete from\b|truncate\b|)"
      R"((create|alter|drop) (table|schema|unique|index|temp)\b))",
      std::regex::icase);
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path) || top_folder(path) == "tests" || folder_of(path).ends_with("/postgres")) continue;
    for (const StringLiteral& literal : string_literals(text)) {
      if (std::regex_search(literal.content.substr(0, 200), sql))
        findings.push_back({"sql_homes", path, literal.line, "SQL: " + literal.content.substr(0, 40)});
    }
  }
  return findings;
}

std::vector<Finding> test_names(const SourceTree& tree) {
  static const std::regex macro(R"(^(TEST|TEST_F|TEST_P|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)\((\w+),\s*(\w+)?)");
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (top_folder(path) != "tests" || !path.ends_with("_test.cc")) continue;
    const std::vector<std::string> lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(lines[i], match, macro) || match[3].str().empty()) continue;
      std::string name = match[3];
      // A disabled test is one that another test starts, in a process that is to be killed.
      if (name.starts_with("DISABLED_")) name.erase(0, std::string_view("DISABLED_").size());
      const auto words = std::count_if(name.begin(), name.end(), [](unsigned char c) { return std::isupper(c) != 0; });
      if (words < 3 || name.find('_') != std::string::npos)
        findings.push_back({"test_names", path, static_cast<int>(i) + 1, name + " is no sentence"});
    }
  }
  return findings;
}

}  // namespace runledger::style
