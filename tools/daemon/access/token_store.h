// The access tokens of a ledger: each one allows a caller to use its daemon.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/mutex.h"
#include "ledger/base/posix_file.h"
#include "ledger/values/digest.h"
#include "ledger/values/time.h"
#include "ledger/values/uuid.h"
#include "tools/daemon/access/grant.h"

namespace runledger {

// A stored token. The secret itself is not part of it.
struct AccessToken {
  TokenId id;                       // Names the token in lists and for revoke(); gives no access.
  std::optional<std::string> name;  // For people; several tokens may have the same. As parse_token_name() returns it.
  Digest<32> digest;                // SHA-256 of the secret.
  Grant grant;
  Time issued_at;
  std::optional<Time> expires_at;  // The first moment at which it is no longer valid. Absent: it does not expire.
};

// Expects 1 to 64 letters, digits, blanks and of the characters . _ - @ : / and no blank at either end. Code
// "token_name.invalid".
[[nodiscard]] Result<std::string> parse_token_name(std::string_view typed);

// Keeps the file "access-tokens" in the ledger's directory, which only its owner can read: one JSON document with the
// SHA-256 of each token. The secret of a token is 256 random bits; it is shown once, when it is issued, and is not
// stored anywhere. Any number of processes may change the file; a running daemon sees the change at its next look-up.
//
// Only the ledger's owner changes the file, or root, which gives what it makes to the owner.
//
// Any thread may use it. Throws Failure "tokens.damaged" when the file is not valid, "random.unavailable" when the
// operating system returns no random bytes, "ledger.wrong_user" when another user changes the file, and the failures of
// ledger/base/posix_file.h.
class TokenStore {
 public:
  static constexpr std::size_t kTokensMax = 10'000;

  explicit TokenStore(std::filesystem::path directory);

  struct Issued {
    AccessToken token;
    std::string secret;  // "rlt_" and 64 hex digits.
  };
  // Stores a new token, and removes the expired ones from the file. The token is durable when the call returns.
  // Code "tokens.too_many" when there are kTokensMax already.
  [[nodiscard]] Result<Issued> issue(const Grant& grant, std::optional<Time> expires_at, Time now,
                                     std::optional<std::string> name = {});

  // Issues a token with the name and grant of another one, which ends after `overlap`, or earlier if it expires
  // earlier; at once when `overlap` is zero. Without `expires_at`, the new token lasts as long as the other one was
  // issued for. Both changes are durable together. Codes "token.not_found", also for an expired token, and
  // "tokens.too_many".
  [[nodiscard]] Result<Issued> rotate(TokenId id, Duration overlap, std::optional<Time> expires_at, Time now);

  // Removes a token, durably. Code "token.not_found".
  [[nodiscard]] std::optional<Rejection> revoke(TokenId id);

  // Returns all stored tokens, including expired ones. Empty when there is no file yet.
  [[nodiscard]] std::vector<AccessToken> list() const;

  // Whether the file can be read now; true when there is none. While it cannot, every other function throws.
  [[nodiscard]] bool is_readable();

  // Returns the token whose secret is `secret`, or nullopt if it is empty, unknown, revoked or expired at `now`. Takes
  // the same time whichever token it is, and whether or not it is a valid one.
  [[nodiscard]] std::optional<AccessToken> find(std::string_view secret, Time now);

  // Whether a token that find() returned earlier is still valid at `now`. Costs little more than a stat() of the file.
  [[nodiscard]] bool is_in_force(TokenId id, Time now);

  // Counts the tokens that are valid at `now` and for which `counts` is true, at the same cost. `counts` must not call
  // the store.
  [[nodiscard]] std::size_t count_in_force(Time now, const std::function<bool(const AccessToken&)>& counts);

  // When the first of the tokens ends that are valid at `now` and were issued for kLastingFrom or longer. Absent when
  // none of these ends by itself. Tokens of a shorter life are replaced as a matter of course, such as those of the
  // page.
  static constexpr Duration kLastingFrom = std::chrono::hours(24 * 14);
  [[nodiscard]] std::optional<Time> first_end(Time now);

 private:
  // Identifies the contents of the file: it changes whenever the file is replaced. All zero: there is no file.
  struct Version {
    std::uint64_t file = 0;  // The inode.
    std::int64_t changed_s = 0;
    std::int64_t changed_ns = 0;
    friend bool operator==(const Version&, const Version&) = default;
  };

  [[nodiscard]] Version version() const;
  [[nodiscard]] PosixFile open() const;
  [[nodiscard]] std::vector<AccessToken> list_in_force(Time now) const;
  void read_changes() RUNLEDGER_REQUIRES(mutex_);
  void save(const std::vector<AccessToken>& tokens) const;

  std::filesystem::path directory_;
  Mutex mutex_;
  // The tokens as they were read last, sorted by id, and the file from which they were read. It stays open, so that no
  // other file gets its inode.
  std::vector<AccessToken> known_ RUNLEDGER_GUARDED_BY(mutex_);
  std::optional<PosixFile> known_file_ RUNLEDGER_GUARDED_BY(mutex_);
  Version known_version_ RUNLEDGER_GUARDED_BY(mutex_);
};

}  // namespace runledger
