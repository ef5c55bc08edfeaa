// A caller's text alone does not tell how far a token reached, so it is stored and exported together with its kind.
#include "ledger/values/caller.h"

#include <fmt/format.h>
#include <unistd.h>

#include <limits>

#include "ledger/values/number.h"

namespace runledger {

Caller user_caller(std::uint32_t uid) {
  return {.kind = CallerKind::kUser, .uid = uid};
}

Caller this_user() {
  return user_caller(::geteuid());
}

std::string format_caller(const Caller& caller) {
  if (caller.is_token()) return format_uuid(caller.token.value);
  if (caller.kind == CallerKind::kUser) return fmt::format("uid:{}", caller.uid);
  return std::string(to_string(caller.kind));
}

std::optional<Caller> parse_caller(std::string_view text, CallerKind kind) {
  Caller caller{.kind = kind};
  if (caller.is_token()) {
    const Result<Uuid> id = parse_uuid(text, "caller");
    if (!id) return std::nullopt;
    caller.token = TokenId{*id};
  } else if (kind == CallerKind::kUser) {
    constexpr std::string_view kPrefix = "uid:";
    if (!text.starts_with(kPrefix)) return std::nullopt;
    const auto uid =
        parse_number(text.substr(kPrefix.size()), "caller", {.max = std::numeric_limits<std::uint32_t>::max()});
    if (!uid) return std::nullopt;
    caller.uid = static_cast<std::uint32_t>(*uid);
  }
  if (format_caller(caller) != text) return std::nullopt;
  return caller;
}

Caller seen_from_workspace(const Caller& caller) {
  const bool own = caller.kind == CallerKind::kSystem || caller.kind == CallerKind::kWorkspaceToken ||
                   caller.kind == CallerKind::kTenantToken;
  return own ? caller : Caller{.kind = CallerKind::kHidden};
}

Caller seen_from_tenant(const Caller& caller) {
  const bool own = caller.kind == CallerKind::kSystem || caller.kind == CallerKind::kTenantToken;
  return own ? caller : Caller{.kind = CallerKind::kHidden};
}

}  // namespace runledger
