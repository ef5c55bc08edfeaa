// UUIDs, and the types of ids that are UUIDs.
#pragma once

#include <array>
#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "ledger/values/rejection.h"

namespace runledger {

// Ordered by its bytes, as Postgres orders the type uuid.
struct Uuid {
  std::array<unsigned char, 16> bytes{};

  // Returns the 16 bytes, valid as long as this object.
  [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

// A UUID that identifies one kind of thing.
template <class Tag>
struct UuidName {
  Uuid value;
  friend auto operator<=>(const UuidName&, const UuidName&) = default;
};

using RunId = UuidName<struct RunTag>;
using EventId = UuidName<struct EventTag>;
using CommandId = UuidName<struct CommandTag>;
using LedgerId = UuidName<struct LedgerTag>;

// Returns the 8-4-4-4-12 form in lower case.
[[nodiscard]] std::string format_uuid(const Uuid& value);

// Accepts exactly the 8-4-4-4-12 form, in either case. `field` names it in the rejection, whose code is
// "<field>.invalid".
[[nodiscard]] Result<Uuid> parse_uuid(std::string_view text, std::string_view field);

// Returns a UUID version 4 from the operating system's random source. Throws Failure "random.unavailable" when the
// source fails. Safe from any thread.
[[nodiscard]] Uuid random_uuid();

// Returns the UUID version 5 (RFC 9562, 5.5) of `name` in `space`.
[[nodiscard]] Uuid name_based_uuid(const Uuid& space, std::string_view name);

// Returns a UUID version 8 (RFC 9562, 5.8), for a form of our own: `content` with the six bits of version and variant
// set.
[[nodiscard]] Uuid custom_uuid(Uuid content);

}  // namespace runledger

template <class Tag>
struct std::hash<runledger::UuidName<Tag>> {
  std::size_t operator()(const runledger::UuidName<Tag>& id) const noexcept {
    return std::hash<std::string_view>{}(id.value.view());
  }
};
