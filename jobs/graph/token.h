// The bearer token for Microsoft Graph: read from a file that somebody else renews.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "ledger/values/names.h"

namespace runledger {

// `pattern` with "{workspace}" and "{tenant}" replaced by the names of `scope`, so that one worker can hold the tokens
// of many tenants. Characters that could lead to another directory are percent-encoded: '/', ':', '%' and a leading
// dot. A scope without a tenant has the empty name.
[[nodiscard]] std::filesystem::path token_path(const std::filesystem::path& pattern, const Scope& scope);

// Not for several threads at once. Throws GraphFailure kTokenUnusable when there is no such file, or it does not hold
// one word of visible ASCII of at most kBytesMax, with white space around it at most.
class GraphToken {
 public:
  static constexpr std::size_t kBytesMax = 16 * 1024;

  explicit GraphToken(std::filesystem::path path) : path_(std::move(path)) {}

  // What the file holds now; it is read again only when it has changed.
  [[nodiscard]] const std::string& current();

  // What current() gave last.
  [[nodiscard]] const std::string& shown() const noexcept { return token_; }

  // Reads the file whatever its times say; whether it holds another token than before.
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
