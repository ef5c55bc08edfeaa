// Reads the token file. Messages reveal nothing of its content except that it is too large.
#include "jobs/graph/token.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "jobs/graph/failure.h"
#include "ledger/base/ascii.h"
#include "ledger/base/posix_file.h"
#include "ledger/base/replace.h"

namespace runledger {

namespace {

// Encodes a name so that it is one component of a path.
std::string encoded(std::string_view name) {
  std::string result;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool plain = is_alnum(c) || c == '_' || c == '-' || (c == '.' && i > 0);
    result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view found) {
  throw GraphFailure(GraphFault::kTokenUnusable,
                     fmt::format("expected one token in the file {}, found {}", path.string(), found));
}

}  // namespace

std::filesystem::path token_path(const std::filesystem::path& pattern, const Scope& scope) {
  std::string path = pattern.string();
  replace_all(path, "{workspace}", encoded(scope.workspace.str()));
  replace_all(path, "{tenant}", encoded(scope.tenant ? scope.tenant->str() : ""));
  return path;
}

const std::string& GraphToken::current() {
  struct stat status {};
  const bool there = ::stat(path_.c_str(), &status) == 0;
  if (!version_ || !there || !(*version_ == Version{status.st_ino, status.st_size, status.st_ctim})) read();
  return token_;
}

bool GraphToken::renew() {
  const std::string before = token_;
  read();
  return token_ != before;
}

void GraphToken::read() {
  const NamedFile named(path_);
  if (!named.trouble.empty()) refuse(path_, named.trouble);
  const struct stat& status = named.status;
  if (status.st_size > static_cast<off_t>(kBytesMax)) refuse(path_, fmt::format("more than {} bytes", kBytesMax));
  const std::string bytes = named.file.read_all();
  const std::string_view token = stripped(bytes);
  if (token.empty()) refuse(path_, "nothing");
  if (token.size() > kBytesMax ||
      !std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7F'; }))
    refuse(path_, "characters that no token has");
  token_ = std::string(token);
  version_ = Version{status.st_ino, status.st_size, status.st_ctim};
}

}  // namespace runledger
