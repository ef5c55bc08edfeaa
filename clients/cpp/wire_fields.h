// Conversion of single fields of RPC messages to and from values of the ledger.
//
// Only the wire files (command_wire, claim_wire, read_wire) and remote_reader.cc use this; no other code sees wire
// types. Views and readers refer to the memory of their argument, which must outlive them. Thread-safe.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/values/rejection.h"
#include "ledger/values/uuid.h"
#include "schema/rpc.capnp.h"

namespace runledger::wire {

[[nodiscard]] inline capnp::Text::Reader to_text(std::string_view text) {
  return kj::StringPtr(text.data(), text.size());
}

[[nodiscard]] inline std::string_view view(capnp::Text::Reader text) {
  return {text.begin(), text.size()};
}

[[nodiscard]] inline std::string_view view(capnp::Data::Reader bytes) {
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

[[nodiscard]] inline capnp::Data::Reader to_data(std::string_view bytes) {
  return kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size());
}

template <class Tag>
[[nodiscard]] capnp::Data::Reader to_data(const UuidName<Tag>& id) {
  return kj::arrayPtr(id.value.bytes.data(), id.value.bytes.size());
}

template <class Tag>
[[nodiscard]] capnp::Data::Reader to_data(const std::optional<UuidName<Tag>>& id) {
  return id ? to_data(*id) : capnp::Data::Reader();
}

// Throws Refused with code "FIELD.invalid" unless `bytes` are 16 bytes.
template <class Id>
[[nodiscard]] Id read_id(capnp::Data::Reader bytes, std::string_view field) {
  Id id;
  if (bytes.size() != id.value.bytes.size()) {
    refuse(fmt::format("{}.invalid", field), fmt::format("expected {} to be 16 bytes, found {}", field, bytes.size()));
  }
  std::copy(bytes.begin(), bytes.end(), id.value.bytes.begin());
  return id;
}

// The same, but an empty field is an absent id.
template <class Id>
[[nodiscard]] std::optional<Id> read_optional_id(capnp::Data::Reader bytes, std::string_view field) {
  if (bytes.size() == 0) return std::nullopt;
  return read_id<Id>(bytes, field);
}

// Returns the result of `read`, or the rejection if it throws Refused.
template <class Read>
[[nodiscard]] auto checked(const Read& read) -> Result<decltype(read())> {
  try {
    return read();
  } catch (const Refused& refused) {
    return refused.rejection();
  }
}

}  // namespace runledger::wire
