// Files by POSIX calls, because the standard library can neither sync a file or directory nor lock one.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "ledger/base/descriptor.h"

namespace runledger {

// An open file, which closes on destruction. What fails throws as throw_errno() does.
class PosixFile {
 public:
  // Flags and mode of open(2). Look at is_open(), or require().
  PosixFile(const std::filesystem::path& path, int flags, mode_t mode = 0);

  [[nodiscard]] bool is_open() const { return handle_.is_open(); }
  [[nodiscard]] int handle() const { return handle_.get(); }
  void require(std::string_view doing) const;
  void write(std::string_view bytes) const;  // From the beginning of the file, all of them.
  void sync() const;
  [[nodiscard]] std::string read_all() const;

 private:
  std::filesystem::path path_;
  Descriptor handle_;
};

// A file that somebody has named, opened to be read. Does not wait, as for a pipe that nobody writes to.
struct NamedFile {
  explicit NamedFile(const std::filesystem::path& path);

  PosixFile file;
  struct stat status {};
  std::string trouble;  // Why it cannot be read: what the system says, or "no regular file". Empty: it can.
};

// Of errno: "<doing>: <what the system says>". Throws Failure with that code, which calls the operator.
[[noreturn]] void throw_errno_as(std::string_view code, std::string_view doing);

void sync_directory(const std::filesystem::path& path);

// Of errno. Throws Failure: "ledger.not_writable" where permission is missing, else "storage.failed".
[[noreturn]] void throw_errno(std::string_view doing, const std::filesystem::path& path);

}  // namespace runledger
