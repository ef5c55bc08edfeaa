// The access tokens of a ledger: who may call its daemon.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/values/digest.h"
#include "ledger/values/time.h"
#include "ledger/values/uuid.h"
#include "tools/daemon/access/grant.h"

namespace runledger {

using TokenId = UuidName<struct TokenTag>;

struct AccessToken {
  TokenId id;  // Names it in lists; of no use to a caller.
  Digest<32> digest;
  Grant grant;
  Time issued_at;
  std::optional<Time> expires_at;
};

// File "access-tokens" in the ledger's directory, readable by its owner only: one JSON document with the SHA-256 of
// each token. A token itself is 256 random bits, shown once when it is issued and kept nowhere. Any number of processes
// may change the file; a running daemon notices at its next look.
//
// Any thread may use it. Throws Failure: "tokens.damaged", and those of ledger/base/posix_file.h.
class TokenStore {
 public:
  static constexpr std::size_t kTokensMax = 10'000;

  explicit TokenStore(std::filesystem::path directory);

  struct Issued {
    AccessToken token;
    std::string secret;  // "rlt_" and 64 hex digits.
  };
  // Code "tokens.too_many". Expired tokens are dropped on the way.
  [[nodiscard]] Result<Issued> issue(const Grant& grant, std::optional<Time> expires_at, Time now);

  // Code "token.not_found".
  [[nodiscard]] std::optional<Rejection> revoke(TokenId id);

  // Expired ones too.
  [[nodiscard]] std::vector<AccessToken> list() const;

  // What the bearer of `secret` may do; absent for anything else than a living token. Takes the same time whichever
  // token it is, and whether or not it is one.
  [[nodiscard]] std::optional<Grant> find(std::string_view secret, Time now);

 private:
  struct Version {
    std::uint64_t file = 0;
    std::int64_t changed_s = 0;
    std::int64_t changed_ns = 0;
    friend bool operator==(const Version&, const Version&) = default;
  };

  [[nodiscard]] Version version() const;
  void save(const std::vector<AccessToken>& tokens) const;

  std::filesystem::path directory_;
  std::mutex mutex_;  // Guards the two below.
  Version known_version_;
  std::vector<AccessToken> known_;
};

}  // namespace runledger
