// The files of this repository as text, for the style rules.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace runledger::style {

// Maps the path within the repository ("ledger/rules/run.h") to the content. A value, so that a test can make a bad
// tree.
using SourceTree = std::map<std::string, std::string>;

// Reads our own folders and the files at the top, but no files that a build, a demo or git leaves there.
[[nodiscard]] SourceTree read_source_tree(const std::filesystem::path& root);
// Returns this repository, which is read on the first call.
[[nodiscard]] const SourceTree& house();

// A violation of a rule.
struct Finding {
  std::string rule;  // The rule's name, as exceptions.txt spells it.
  std::string path;
  int line = 0;  // Zero when the finding is about the file or folder as a whole.
  std::string what;
  friend bool operator==(const Finding&, const Finding&) = default;
};

[[nodiscard]] bool is_cpp(std::string_view path);
// True for a file whose first line names an interpreter, such as a shell script.
[[nodiscard]] bool is_script(std::string_view text);
// Returns "ledger" for "ledger/rules/run.h"; empty for a file at the top.
[[nodiscard]] std::string top_folder(std::string_view path);
// Returns "projections/postgres" for "projections/postgres/mirror.h"; empty for a file at the top.
[[nodiscard]] std::string folder_of(std::string_view path);
[[nodiscard]] std::string file_name(std::string_view path);
[[nodiscard]] bool ends_with_any(std::string_view text, const std::vector<std::string_view>& ends);

[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);

// Returns the text of a C++ file with blanks in the place of comments, strings and character literals. Line ends stay
// where they are, so that line numbers still fit.
[[nodiscard]] std::string code_only(std::string_view text);

struct StringLiteral {
  int line = 0;  // The line where it begins.
  std::string content;
};
[[nodiscard]] std::vector<StringLiteral> string_literals(std::string_view text);

}  // namespace runledger::style
