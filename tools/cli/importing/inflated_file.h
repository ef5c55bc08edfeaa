// Reads a file that is plain or consists of gzip members, as one stream of bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace runledger {

// A file that begins like a gzip member (RFC 1952) is a sequence of members, whose contents follow each other; zero
// bytes between and after them are padding. Any other file is read as it is. Used by one thread.
class InflatedFile {
 public:
  // Opens `path`; "-" is standard input. Throws Failure "journal.unreadable" when it cannot be opened or is a
  // directory.
  explicit InflatedFile(const std::string& path);
  ~InflatedFile();
  InflatedFile(const InflatedFile&) = delete;
  InflatedFile& operator=(const InflatedFile&) = delete;

  // Writes the next bytes to `out` and returns how many: at most `bytes_max`, and zero at the end, also when the file
  // ended early because of damage (see damage()).
  [[nodiscard]] std::size_t read(char* out, std::size_t bytes_max);

  // Says why the file ended early: a read error, compressed data that is broken or cut short, or bytes after a member
  // that begin no other one. nullopt when it did not. Valid once read() has returned zero.
  [[nodiscard]] const std::optional<std::string>& damage() const noexcept;

  // How many bytes of the file were used so far; compressed bytes if it has gzip members.
  [[nodiscard]] std::uint64_t position() const noexcept;
  // The size of the file in bytes, as position() counts them; zero when it is unknown, as for a pipe.
  [[nodiscard]] std::uint64_t size() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
