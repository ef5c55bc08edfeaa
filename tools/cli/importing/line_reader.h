// Reads lines from a file, plain or gzip, without ever holding more than one limited line.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace runledger {

struct Line {
  std::uint64_t number = 0;  // From 1.
  std::string_view text;     // Without its end ("\n" or "\r\n"); valid until the next call.
  std::string_view raw;      // With a "\r" that belonged to the end.
  bool whole = true;         // False: longer than the limit, and `text` is only its beginning.
};

// A byte order mark at the beginning of the file is not part of its first line. A last line needs no end.
class LineReader {
 public:
  // "-" is standard input. Throws Failure "journal.unreadable" when it cannot be opened.
  LineReader(const std::string& path, std::size_t bytes_max);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // Absent at the end, also when damage put an end to it (see damage()).
  [[nodiscard]] std::optional<Line> next();

  // After a line that was not whole: gives the rest of it to `sink`, piece by piece. next() skips what was not read.
  void read_rest(const std::function<void(std::string_view)>& sink);

  // Why the file ended before its end: a read error, or broken or cut compressed data. Asked after next() was empty.
  [[nodiscard]] const std::optional<std::string>& damage() const noexcept;

  // Bytes of the file read so far, compressed where it is.
  [[nodiscard]] std::uint64_t position() const;
  // Zero when unknown.
  [[nodiscard]] std::uint64_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
