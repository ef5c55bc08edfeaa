// Authentication of callers: turns an access token into a session with the rights that the token grants.
#pragma once

#include <optional>
#include <string_view>

#include "tools/daemon/access/session.h"
#include "tools/daemon/access/token_store.h"
#include "tools/daemon/access/token_uses.h"

namespace runledger {

// Both transports (RPC, HTTP) authenticate through it. Any thread may use it. It throws Failure as TokenStore does.
class Authenticator {
 public:
  // Owns none of these; all of them must outlive the authenticator and every session that it made. `mirror` as for a
  // session.
  Authenticator(Ledger& ledger, const FollowedRows& rows, Claims& claims, TokenStore& tokens, TokenUses& uses,
                UnknownTypes unknown_types = UnknownTypes::kWarn, MirrorWaits* mirror = nullptr)
      : ledger_(ledger),
        rows_(rows),
        claims_(claims),
        tokens_(tokens),
        uses_(uses),
        unknown_types_(unknown_types),
        mirror_(mirror) {}

  // Returns nullopt for an empty, unknown, revoked or expired token.
  [[nodiscard]] std::optional<Session> by_token(std::string_view token) const {
    const Time now = ledger_.clock().now();
    std::optional<AccessToken> found = tokens_.find(token, now);
    if (!found) return std::nullopt;
    uses_.note(found->id, now);
    const Caller caller{.kind = found->grant.token_kind(), .token = found->id};
    return Session(
        ledger_, rows_, claims_, std::move(found->grant), caller,
        [&tokens = tokens_, &clock = ledger_.clock(), id = found->id] { return tokens.is_in_force(id, clock.now()); },
        unknown_types_, mirror_, found->expires_at, &tokens_);
  }

  // For waiting only: a transport learns here that the log has grown. It reads events through a session, which checks
  // rights and scope.
  [[nodiscard]] const EventLog& log() const { return ledger_.log(); }

  // A session with every right on the whole ledger, for the caller that the operating system has already checked: the
  // owner of the process, or root. `user` is which of them.
  [[nodiscard]] Session of_owner(std::uint32_t user) const {
    return {
        ledger_,
        rows_,
        claims_,
        Grant{.workspace = {}, .tenant = {}, .rights = {Right::kRequest, Right::kWork, Right::kAudit, Right::kOperate}},
        user_caller(user),
        {},
        unknown_types_,
        mirror_,
        {},
        &tokens_};
  }

 private:
  Ledger& ledger_;
  const FollowedRows& rows_;
  Claims& claims_;
  TokenStore& tokens_;
  TokenUses& uses_;
  UnknownTypes unknown_types_;
  MirrorWaits* mirror_;
};

}  // namespace runledger
