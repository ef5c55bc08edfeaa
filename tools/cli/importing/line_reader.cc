// Reads line by line from a file that may be compressed.
//
// fill() reads the file in blocks of kReadBytes. `unread` is a view of the part of the block that next() has not
// returned yet. Most lines lie in one block: next() returns them as views into it, without a copy. A line that crosses
// the end of a block is collected in `carried`, and returned from there.
//
// `carried` never grows beyond bytes_max. When a line would exceed that, next() returns its first bytes_max bytes with
// `whole` false and sets `inside_line`. The remainder stays in `unread` and the file, until read_rest() passes it on or
// the next call of next() skips it. This bounds the memory even for a file without a single line end.
//
// Bytes that could still be decompressed before a damage are read as lines, so an import takes in as much as possible,
// and the caller reports the damage afterwards.
//
// The views that next() returns stay valid until the next call because only next() and read_rest() call fill(), which
// overwrites the block, and only next() clears `carried`.
#include "tools/cli/importing/line_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tools/cli/importing/inflated_file.h"

namespace runledger {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

struct LineReader::Impl {
  std::string path;
  std::size_t bytes_max;
  InflatedFile file;
  std::uint64_t lines = 0;
  std::vector<char> block = std::vector<char>(kReadBytes);
  std::string_view unread;   // The part of `block` that has not been returned.
  std::string carried;       // The beginning of a line that does not end in the block where it begins.
  bool inside_line = false;  // The last line was returned only in part, and its rest has not been read.
  bool ended = false;
  std::optional<std::string> damage;

  Impl(const std::string& from, std::size_t line_bytes_max) : path(from), bytes_max(line_bytes_max), file(from) {}

  bool fill();
  std::optional<Line> line(std::string_view text, bool whole);
};

// Reads the next block. Returns false at the end of the file, or where damage ends it.
bool LineReader::Impl::fill() {
  if (ended) return false;
  const std::size_t count = file.read(block.data(), kReadBytes);
  unread = {block.data(), count};
  ended = count == 0;
  if (ended && file.damage()) damage = fmt::format("{} after line {}, {}", path, lines, *file.damage());
  if (lines == 0 && carried.empty() && unread.starts_with(kByteOrderMark)) unread.remove_prefix(kByteOrderMark.size());
  return !unread.empty();
}

std::optional<Line> LineReader::Impl::line(std::string_view text, bool whole) {
  Line line{.number = ++lines, .text = text, .raw = text, .whole = whole};
  if (whole && text.ends_with('\r')) line.text.remove_suffix(1);
  inside_line = !whole;
  return line;
}

LineReader::LineReader(const std::string& path, std::size_t bytes_max)
    : impl_(std::make_unique<Impl>(path, bytes_max)) {}

LineReader::~LineReader() = default;

std::optional<Line> LineReader::next() {
  Impl& c = *impl_;
  if (c.inside_line) read_rest([](std::string_view) {});
  c.carried.clear();
  for (;;) {
    if (c.unread.empty() && !c.fill()) {
      if (c.carried.empty()) return std::nullopt;
      return c.line(c.carried, true);
    }
    const std::size_t end = c.unread.find('\n');
    const std::size_t room = c.bytes_max - c.carried.size();
    const std::string_view piece = c.unread.substr(0, std::min(end, c.unread.size()));
    if (piece.size() > room) {
      c.carried.append(piece.substr(0, room));
      c.unread.remove_prefix(room);
      return c.line(c.carried, false);
    }
    c.unread.remove_prefix(end == std::string_view::npos ? piece.size() : piece.size() + 1);
    if (end != std::string_view::npos && c.carried.empty()) return c.line(piece, true);
    c.carried.append(piece);
    if (end != std::string_view::npos) return c.line(c.carried, true);
  }
}

void LineReader::read_rest(const std::function<void(std::string_view)>& sink) {
  Impl& c = *impl_;
  while (c.inside_line && (!c.unread.empty() || c.fill())) {
    const std::size_t end = c.unread.find('\n');
    const std::string_view piece = c.unread.substr(0, std::min(end, c.unread.size()));
    c.inside_line = end == std::string_view::npos;
    sink(piece);
    c.unread.remove_prefix(c.inside_line ? piece.size() : piece.size() + 1);
  }
  c.inside_line = false;
}

const std::optional<std::string>& LineReader::damage() const noexcept {
  return impl_->damage;
}

std::uint64_t LineReader::position() const {
  return impl_->file.position();
}

std::uint64_t LineReader::size() const {
  return impl_->file.size();
}

}  // namespace runledger
