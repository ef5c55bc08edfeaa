// The stored form of an envelope: canonical Cap'n Proto, packed (docs/log-format.md).
#pragma once

#include <string>
#include <string_view>

#include "ledger/rules/event.h"
#include "ledger/sealing/seal_keys.h"

namespace runledger {

// Returns the stored bytes, which are the leaves of the audit tree. They hold everything except `sequence`, so that
// they tell nothing of other scopes. The encoding is deterministic: equal envelopes give equal bytes, now and under
// every later schema. Any thread may call it.
[[nodiscard]] std::string encode(const Envelope& envelope);

// Returns the stored bytes of an event whose content is not sealed yet, with the content sealed under `key`. They
// differ from call to call. An event without content is encoded as encode() does.
[[nodiscard]] std::string encode_sealed(const Envelope& envelope, const SealKey& key);

// Returns what encode() does, and beside a sealed content that can be read also the content itself. It is for
// connections to programs that have no keys, and never stored: decode() takes both.
[[nodiscard]] std::string encode_opened(const Envelope& envelope);

// Whether the event has content. Only this is sealed.
[[nodiscard]] bool has_content(const Envelope& envelope);

// The reverse, for the event that is stored at `sequence`: decode(e.sequence, encode(e)) == e, and
// encode(decode(s, b)) == b for all bytes b that encode() has made. Throws Failure "storage.damaged" when the bytes are
// not an envelope, and "ledger.format_newer" when they are an event of a kind that is reserved for later versions. Any
// thread may call it. A sealed content is opened with `keys`; without its key the event has no content, and
// `sealed.is_readable` is false.
[[nodiscard]] Envelope decode(Sequence sequence, std::string_view stored, const SealKeys* keys = nullptr);

// Derives the id of an event from its stored bytes: their SHA-256, cut to a UUID of version 8 (RFC 9562). The id is
// therefore proof of the content, takes no space in the log, and survives an export.
[[nodiscard]] EventId event_id(std::string_view stored);

}  // namespace runledger
