// Files through POSIX calls, because the standard library can neither sync a file or directory nor lock a file.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/base/descriptor.h"

namespace runledger {

// A file that closes on destruction. Its functions throw on errors as throw_errno() does; the constructor does not.
class PosixFile {
 public:
  // Takes the flags and mode of open(2). Callers check the result with is_open() or require().
  PosixFile(const std::filesystem::path& path, int flags, mode_t mode = 0);

  [[nodiscard]] bool is_open() const { return handle_.is_open(); }
  [[nodiscard]] int handle() const { return handle_.get(); }
  // Throws when the file is not open. Requires that errno is still the one of the constructor's call.
  void require(std::string_view doing) const;
  // Writes all the bytes, from the beginning of the file on.
  void write(std::string_view bytes) const;
  void sync() const;  // Returns once data and metadata are on disk, as fsync(2) does.
  [[nodiscard]] std::string read_all() const;
  // Returns the beginning of the file: all of it if it has no more bytes than `bytes_max`. Returns nullopt, with the
  // reason in errno, when the system cannot read it.
  [[nodiscard]] std::optional<std::string> read_up_to(std::size_t bytes_max) const;

 private:
  std::filesystem::path path_;
  Descriptor handle_;
};

// A file named by the user, opened for reading. Opening never blocks, as it would on a pipe without a writer.
struct NamedFile {
  explicit NamedFile(const std::filesystem::path& path);

  PosixFile file;
  struct stat status {};
  std::string trouble;  // Why it cannot be read: the system's message, or "no regular file". Empty when it can.
};

// Who may have access to a file of the ledger's directory.
enum class FileAccess : std::uint8_t {
  kOwnerOnly,  // It holds a secret or says who may do what, so a mode with bits for others is refused.
  kAny,
};

// Opens a file in the ledger's directory with the flags of open(2), and makes it with mode 0600 if they have O_CREAT.
// It follows no symbolic link and waits for no pipe. When there is no file, the result is not open and errno is ENOENT.
// Throws Failure "ledger.insecure" when the path is no regular file or others have access that they must not have, and
// otherwise as throw_errno() does.
[[nodiscard]] PosixFile open_own(const std::filesystem::path& path, int flags, FileAccess access);

// Replaces the file at `path`, which need not exist, atomically and durably: a crash leaves the old bytes or the new
// ones. The new file has mode 0600, is written as PATH.new, and is given to `prepare` before it holds anything. Throws
// as throw_errno() does.
void replace_own(const std::filesystem::path& path, std::string_view bytes,
                 const std::function<void(const PosixFile& made)>& prepare = {});

// Throws Failure for errno, with `code`, the text "<doing>: <the system's message>" and kCallOperator.
[[noreturn]] void throw_errno_as(std::string_view code, std::string_view doing);

// Makes the names in the directory durable. Throws as throw_errno() does.
void sync_directory(const std::filesystem::path& path);

// Throws Failure for errno: "ledger.not_writable" with kCorrectInput when permission is missing, otherwise
// "storage.failed" with kCallOperator.
[[noreturn]] void throw_errno(std::string_view doing, const std::filesystem::path& path);

}  // namespace runledger
