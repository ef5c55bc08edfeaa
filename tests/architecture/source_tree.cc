// Reads the repository's files, and splits C++ text into code, comments and literals.
#include "tests/architecture/source_tree.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/fixtures/world/places.h"

namespace runledger::style {
namespace {

// The folders with files of ours. Some may not exist yet.
constexpr std::string_view kFolders[] = {".ci",    "bench",       "clients", "contrib", "docs",  "engines", "jobs",
                                         "ledger", "projections", "schema",  "scripts", "tests", "tools",   "web"};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void add_files(SourceTree& tree, const std::filesystem::path& root, const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) tree[entry.path().lexically_relative(root).generic_string()] = read_file(entry.path());
  }
}

enum class PieceKind { kCode, kComment, kString, kCharacter };

struct Piece {
  PieceKind kind;
  std::size_t begin;
  std::size_t end;  // One past the last character.
};

// Returns the end of the literal that opens at `quote`, skipping escaped characters.
std::size_t end_of_quoted(std::string_view text, std::size_t quote) {
  std::size_t i = quote + 1;
  while (i < text.size() && text[i] != text[quote] && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
  return std::min(i + 1, text.size());
}

// Returns the end of the raw string whose opening quote is at `quote`.
std::size_t end_of_raw_string(std::string_view text, std::size_t quote) {
  const std::size_t open = text.find('(', quote);
  if (open == std::string_view::npos) return text.size();
  const std::string close = ")" + std::string(text.substr(quote + 1, open - quote - 1)) + "\"";
  const std::size_t end = text.find(close, open);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Returns the literal or comment that begins at `i`, or a piece of code of length zero when there is none.
Piece piece_at(std::string_view text, std::size_t i) {
  const auto end_at = [&](std::string_view mark, std::size_t extra) {
    const std::size_t end = text.find(mark, i + 2);
    return end == std::string_view::npos ? text.size() : end + extra;
  };
  if (text.substr(i, 2) == "//") return {PieceKind::kComment, i, end_at("\n", 0)};
  if (text.substr(i, 2) == "/*") return {PieceKind::kComment, i, end_at("*/", 2)};
  const bool raw = i > 0 && text[i - 1] == 'R';
  if (text[i] == '"') return {PieceKind::kString, i, raw ? end_of_raw_string(text, i) : end_of_quoted(text, i)};
  const bool digit_separator = i > 0 && is_word(text[i - 1]);
  if (text[i] == '\'' && !digit_separator) return {PieceKind::kCharacter, i, end_of_quoted(text, i)};
  return {PieceKind::kCode, i, i};
}

// Returns all literals and comments of `text`, in order.
std::vector<Piece> literals_and_comments(std::string_view text) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < text.size();) {
    const Piece piece = piece_at(text, i);
    if (piece.kind != PieceKind::kCode) pieces.push_back(piece);
    i = std::max(piece.end, i + 1);
  }
  return pieces;
}

}  // namespace

SourceTree read_source_tree(const std::filesystem::path& root) {
  SourceTree tree;
  for (const std::string_view folder : kFolders) {
    if (std::filesystem::is_directory(root / folder)) add_files(tree, root, root / folder);
  }
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (entry.is_regular_file()) tree[entry.path().filename().string()] = read_file(entry.path());
  }
  return tree;
}

const SourceTree& house() {
  static const SourceTree tree = read_source_tree(source_directory());
  return tree;
}

bool is_cpp(std::string_view path) {
  return ends_with_any(path, {".h", ".cc"});
}

bool is_script(std::string_view text) {
  return text.starts_with("#!");
}

std::string top_folder(std::string_view path) {
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
}

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
}

std::string file_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

bool ends_with_any(std::string_view text, const std::vector<std::string_view>& ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return text.ends_with(end); });
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string code_only(std::string_view text) {
  std::string code(text);
  for (const Piece& piece : literals_and_comments(text)) {
    for (std::size_t i = piece.begin; i < piece.end; ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
  }
  return code;
}

std::vector<StringLiteral> string_literals(std::string_view text) {
  std::vector<StringLiteral> literals;
  for (const Piece& piece : literals_and_comments(text)) {
    if (piece.kind != PieceKind::kString) continue;
    std::string_view inside = text.substr(piece.begin + 1, piece.end - piece.begin - 2);
    const bool raw = piece.begin > 0 && text[piece.begin - 1] == 'R';
    if (raw) inside.remove_prefix(std::min(inside.find('(') + 1, inside.size()));
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(piece.begin), '\n');
    literals.push_back({static_cast<int>(line), std::string(inside)});
  }
  return literals;
}

}  // namespace runledger::style
