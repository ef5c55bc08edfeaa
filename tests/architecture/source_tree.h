// The files of this repository as text: what the style rules read.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace runledger::style {

// Path within the repository ("ledger/rules/run.h") to content. A value, so that a test can make up a bad one.
using SourceTree = std::map<std::string, std::string>;

// Our own folders and the files at the top; not what a build, a demo or git leaves behind.
[[nodiscard]] SourceTree read_source_tree(const std::filesystem::path& root);
// This repository, read once.
[[nodiscard]] const SourceTree& house();

// What a rule found. `line` is zero when it is about the file or folder as a whole.
struct Finding {
  std::string rule;  // The rule's name, as exceptions.txt spells it.
  std::string path;
  int line = 0;
  std::string what;
  friend bool operator==(const Finding&, const Finding&) = default;
};

[[nodiscard]] bool is_cpp(std::string_view path);
// Programs of a shell: a first line that names an interpreter.
[[nodiscard]] bool is_script(std::string_view text);
// "ledger" of "ledger/rules/run.h"; empty for a file at the top.
[[nodiscard]] std::string top_folder(std::string_view path);
// "projections/postgres" of "projections/postgres/mirror.h"; empty for a file at the top.
[[nodiscard]] std::string folder_of(std::string_view path);
[[nodiscard]] std::string file_name(std::string_view path);
[[nodiscard]] bool ends_with_any(std::string_view text, const std::vector<std::string_view>& ends);

[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);

// `text` of a C++ file with every comment, string and character literal blanked; line ends stay where they are.
[[nodiscard]] std::string code_only(std::string_view text);

struct StringLiteral {
  int line = 0;  // Where it begins.
  std::string content;
};
[[nodiscard]] std::vector<StringLiteral> string_literals(std::string_view text);

}  // namespace runledger::style
