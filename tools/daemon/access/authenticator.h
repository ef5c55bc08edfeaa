// Who comes in: turns what a caller shows into what it may do.
#pragma once

#include <optional>
#include <string_view>

#include "tools/daemon/access/session.h"
#include "tools/daemon/access/token_store.h"

namespace runledger {

// Any thread may use it.
class Authenticator {
 public:
  // None of them is owned; all must outlive it and the sessions that it made.
  Authenticator(Ledger& ledger, const FollowedRows& rows, Claims& claims, TokenStore& tokens)
      : ledger_(ledger), rows_(rows), claims_(claims), tokens_(tokens) {}

  // Absent for anything else than a token that is in force.
  [[nodiscard]] std::optional<Session> by_token(std::string_view token) const {
    std::optional<Grant> grant = tokens_.find(token, ledger_.clock().now());
    if (!grant) return std::nullopt;
    return Session(ledger_, rows_, claims_, *std::move(grant));
  }

  // Tells those who wait that there is something new. What is in it is for sessions to say.
  [[nodiscard]] const EventLog& log() const { return ledger_.log(); }

  // For who owns the process: the whole ledger.
  [[nodiscard]] Session of_owner() const {
    return {
        ledger_, rows_, claims_,
        Grant{
            .workspace = {}, .tenant = {}, .rights = {Right::kRequest, Right::kWork, Right::kAudit, Right::kOperate}}};
  }

 private:
  Ledger& ledger_;
  const FollowedRows& rows_;
  Claims& claims_;
  TokenStore& tokens_;
};

}  // namespace runledger
