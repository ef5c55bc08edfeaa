// Names of things: UUIDs, digests, and the names that people choose.
#pragma once

#include <array>
#include <boost/uuid/uuid.hpp>
#include <compare>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/base/from_log.h"
#include "ledger/values/rejection.h"

namespace runledger {

// A UUID that names one kind of thing. Ordered by its bytes, as Postgres orders its uuid.
template <class Tag>
struct UuidName {
  boost::uuids::uuid value{};

  friend bool operator==(const UuidName& a, const UuidName& b) { return a.value == b.value; }
  friend std::strong_ordering operator<=>(const UuidName& a, const UuidName& b) {
    return std::memcmp(a.value.data, b.value.data, sizeof(a.value.data)) <=> 0;
  }
};

using RunId = UuidName<struct RunTag>;
using EventId = UuidName<struct EventTag>;
using CommandId = UuidName<struct CommandTag>;
using LedgerId = UuidName<struct LedgerTag>;

// Lower case with hyphens.
[[nodiscard]] std::string format_uuid(const boost::uuids::uuid& value);

// Exactly the 8-4-4-4-12 form in either case; `field` names it in the rejection, whose code is "<field>.invalid".
[[nodiscard]] Result<boost::uuids::uuid> parse_uuid(std::string_view text, std::string_view field);

// UUID version 4 from the operating system's random source. Safe from any thread.
[[nodiscard]] boost::uuids::uuid random_uuid();

// UUID version 5 (RFC 4122, 4.3) of `name` in `space`.
[[nodiscard]] boost::uuids::uuid name_based_uuid(const boost::uuids::uuid& space, std::string_view name);

// A checked name. Rules of each kind at its parse function.
template <class Tag>
class Name {
 public:
  Name() = default;
  Name(std::string stored, FromLog) : text_(std::move(stored)) {}

  [[nodiscard]] const std::string& str() const noexcept { return text_; }

  friend bool operator==(const Name&, const Name&) = default;
  friend auto operator<=>(const Name&, const Name&) = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  friend struct NameParser;  // ledger/values/ids.cc

  std::string text_;
};

using Workspace = Name<struct WorkspaceTag>;
using Tenant = Name<struct TenantTag>;
using RunType = Name<struct RunTypeTag>;
using ReasonCode = Name<struct ReasonCodeTag>;
using CountKey = Name<struct CountKeyTag>;

// [A-Za-z0-9._:/-]{1,128}; codes "workspace.invalid", "tenant.invalid"; "workspace.secret", "tenant.secret" when it has
// the shape of a credential.
[[nodiscard]] Result<Workspace> parse_workspace(std::string_view text);
[[nodiscard]] Result<Tenant> parse_tenant(std::string_view text);

// [a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*, at most 64; codes "type.invalid", "type.secret".
[[nodiscard]] Result<RunType> parse_run_type(std::string_view text);

// [a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+, at most 64; codes "reason_code.invalid", "reason_code.secret".
[[nodiscard]] Result<ReasonCode> parse_reason_code(std::string_view text);

// [a-z][a-z0-9_]{0,63}; codes "counts.key_invalid", "counts.key_secret".
[[nodiscard]] Result<CountKey> parse_count_key(std::string_view text);

// A digest of N bytes. Digest<32> is a whole SHA-256.
template <std::size_t N>
struct Digest {
  std::array<unsigned char, N> bytes{};
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

// Its bytes, for as long as it is there.
template <std::size_t N>
[[nodiscard]] std::string_view bytes_of(const Digest<N>& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), N};
}

// What makes two requests the same (ledger/rules/identity.h).
struct Identity {
  Digest<32> digest;
  friend auto operator<=>(const Identity&, const Identity&) = default;
};

// Stands for content when only equality matters.
using ContentDigest = Digest<16>;

// Lower case.
[[nodiscard]] std::string format_hex(std::string_view bytes);
[[nodiscard]] std::optional<std::string> parse_hex(std::string_view text);
[[nodiscard]] std::string format_identity(const Identity& identity);
[[nodiscard]] Result<Identity> parse_identity(std::string_view hex);

// Who a run belongs to. No tenant: housekeeping of the workspace itself.
struct Scope {
  Workspace workspace;
  std::optional<Tenant> tenant;
  friend bool operator==(const Scope&, const Scope&) = default;
  friend auto operator<=>(const Scope&, const Scope&) = default;
};

}  // namespace runledger

template <class Tag>
struct std::hash<runledger::UuidName<Tag>> {
  std::size_t operator()(const runledger::UuidName<Tag>& id) const noexcept {
    return boost::uuids::hash_value(id.value);
  }
};

// A digest is evenly spread already, so any of its bytes will do.
template <std::size_t N>
struct std::hash<runledger::Digest<N>> {
  std::size_t operator()(const runledger::Digest<N>& digest) const noexcept {
    static_assert(N >= sizeof(std::size_t));
    std::size_t value = 0;
    std::memcpy(&value, digest.bytes.data(), sizeof(value));
    return value;
  }
};

template <>
struct std::hash<runledger::Identity> {
  std::size_t operator()(const runledger::Identity& identity) const noexcept {
    return std::hash<runledger::Digest<32>>{}(identity.digest);
  }
};
