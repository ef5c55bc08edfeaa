// The bearer token for Microsoft Graph, read from a file that another program renews.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "ledger/values/names.h"

namespace runledger {

// Returns `pattern` with "{workspace}" and "{tenant}" replaced by the names in `scope`, so that one worker can use the
// tokens of many tenants. Characters that could lead to another directory are percent-encoded: '/', ':', '%' and a
// leading dot. For a scope without a tenant, "{tenant}" is replaced by nothing.
[[nodiscard]] std::filesystem::path token_path(const std::filesystem::path& pattern, const Scope& scope);

// Used by one thread at a time. current() and renew() throw GraphFailure kTokenUnusable if the file cannot be read, or
// does not consist of one word of visible ASCII, at most kBytesMax long, with optional white space around it.
class GraphToken {
 public:
  static constexpr std::size_t kBytesMax = 16 * 1024;

  explicit GraphToken(std::filesystem::path path) : path_(std::move(path)) {}

  // Returns the token in the file. The file is read again only if its inode, size or change time differs.
  [[nodiscard]] const std::string& current();

  // Returns the token that was read last, without a look at the file.
  [[nodiscard]] const std::string& shown() const noexcept { return token_; }

  // Reads the file even if it seems unchanged. Returns whether it holds another token than before.
  [[nodiscard]] bool renew();

 private:
  struct Version {
    ino_t inode = 0;
    off_t size = 0;
    timespec changed{};
    friend bool operator==(const Version& a, const Version& b) {
      return a.inode == b.inode && a.size == b.size && a.changed.tv_sec == b.changed.tv_sec &&
             a.changed.tv_nsec == b.changed.tv_nsec;
    }
  };

  void read();

  std::filesystem::path path_;
  std::optional<Version> version_;
  std::string token_;
};

}  // namespace runledger
