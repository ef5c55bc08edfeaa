// On which day each access token was last used, so that tokens that nobody needs any more can be found.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "ledger/base/mutex.h"
#include "ledger/values/time.h"
#include "tools/daemon/access/token_store.h"

namespace runledger {

// Each token's last day of use, as the time at which that day began in UTC.
using DaysOfUse = std::map<TokenId, Time>;

// Returns what the file "access-tokens.used" in the ledger's directory says; empty when there is none. Throws Failure
// "tokens.damaged" when it is not valid, and as open_own() does.
[[nodiscard]] DaysOfUse read_days_of_use(const std::filesystem::path& directory);

// Returns the date of the day that begins at `day`: "2026-01-05".
[[nodiscard]] std::string format_day(Time day);

// Keeps that file. The first use of a token on a day is stored within about a second, and a later one on the same day
// changes nothing. A crash may lose that second. Nothing else depends on the file, so a damaged one is begun anew, and
// one that cannot be written is tried again with the next day or token.
class TokenUses {
 public:
  // `tokens` is not owned, must outlive the object, and says which tokens there are: the days of others are dropped.
  // `on_failed` is called on the object's thread or by the constructor or destructor, when the file could not be read
  // or written.
  TokenUses(std::filesystem::path directory, const TokenStore& tokens,
            std::function<void(const std::string& what)> on_failed);
  // Stores what is not stored yet.
  ~TokenUses();
  TokenUses(const TokenUses&) = delete;
  TokenUses& operator=(const TokenUses&) = delete;

  // Notes that the token is used at `now`. Any thread may call it; it does not wait for the disk.
  void note(TokenId id, Time now);

 private:
  void keep();
  void write(DaysOfUse days) const;

  const std::filesystem::path directory_;
  const TokenStore& tokens_;
  const std::function<void(const std::string&)> on_failed_;
  Mutex mutex_;
  Condition changed_;
  DaysOfUse days_ RUNLEDGER_GUARDED_BY(mutex_);
  bool has_news_ RUNLEDGER_GUARDED_BY(mutex_) = false;
  bool stops_ RUNLEDGER_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace runledger
