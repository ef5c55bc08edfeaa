// Reads lines from a plain or gzip file in bounded memory, however long a line is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace runledger {

// The views are valid until the next call of the reader that returned the line.
struct Line {
  std::uint64_t number = 0;  // From 1.
  std::string_view text;     // The line without its end ("\n" or "\r\n").
  std::string_view raw;      // The same, but with the "\r" of its end.
  bool whole = true;         // False when the line exceeds the limit: `text` and `raw` are only its beginning.
};

// A byte order mark at the beginning of the file is not part of its first line. The last line needs no end. Used by one
// thread. Holds one line of at most bytes_max bytes, and two blocks of 256 KiB.
class LineReader {
 public:
  // Opens `path`; "-" is standard input. Throws Failure "journal.unreadable" when it cannot be opened or is a
  // directory.
  LineReader(const std::string& path, std::size_t bytes_max);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // Returns the next line, and nullopt at the end, also when the file ended early because of damage (see damage()).
  [[nodiscard]] std::optional<Line> next();

  // After a line that was not whole: passes the rest of it to `sink`, piece by piece. It does nothing after a whole
  // line. If it is not called, next() skips the rest.
  void read_rest(const std::function<void(std::string_view)>& sink);

  // Says why the file ended early: a read error, compressed data that is broken or cut short, or bytes after a gzip
  // member that begin no other one. nullopt when it did not. Valid once next() has returned nullopt.
  [[nodiscard]] const std::optional<std::string>& damage() const noexcept;

  // How many bytes of the file have been read so far; compressed bytes if it is a gzip file.
  [[nodiscard]] std::uint64_t position() const;
  // The size of the file in bytes, as position() counts them; zero when it is unknown, as for a pipe.
  [[nodiscard]] std::uint64_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
