// The stored form of an envelope (docs/log-format.md).
#pragma once

#include <string>
#include <string_view>

#include "ledger/rules/event.h"

namespace runledger {

// Deterministic: equal envelopes give equal bytes, now and under every later schema. These bytes are what the audit
// tree hashes.
[[nodiscard]] std::string encode(const Envelope& envelope);

// Throws Failure "storage.damaged" when the bytes are no envelope. decode(encode(e)) == e, and for every b that encode
// has made, encode(decode(b)) == b.
[[nodiscard]] Envelope decode(std::string_view stored);

// Made from a digest of the stored bytes (SHA-256, cut to a UUID of version 8, RFC 9562): the id of an event is proof
// of its content, needs no space in the log, and survives an export.
[[nodiscard]] EventId event_id(std::string_view stored);

}  // namespace runledger
