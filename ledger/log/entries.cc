// Reads entries of the log's families, and checks their form.
#include "ledger/log/entries.h"

#include <fmt/format.h>

#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "ledger/log/codec.h"
#include "ledger/log/store/cursor.h"
#include "ledger/values/sha256.h"

namespace runledger {

void require_key_size(std::string_view key, std::size_t expected, std::string_view family) {
  if (key.size() != expected) {
    throw_damaged(fmt::format("expected keys of {} bytes in {}, found one of {}", expected, family, key.size()));
  }
}

Sequence sequence_in(std::string_view value) {
  if (value.size() != sizeof(std::uint64_t)) throw_damaged("an index entry is not eight bytes long");
  return Sequence{number_at_end(value)};
}

WorkspaceSequence workspace_number_in(std::string_view value) {
  return WorkspaceSequence{sequence_in(value).value};
}

Envelope decode_event(const Store& store, Sequence sequence, std::string_view stored) {
  try {
    return decode(sequence, stored, store.seal_keys());
  } catch (const Failure& failure) {
    throw Failure(failure.remedy(), failure.code(), fmt::format("event {}: {}", sequence.value, failure.what()));
  }
}

Envelope read_event(const Store& store, Sequence sequence) {
  Envelope envelope;
  const bool found = find_value(store, Family::kEvents, event_key(sequence),
                                [&](std::string_view stored) { envelope = decode_event(store, sequence, stored); });
  if (!found) throw_missing_event(sequence);
  return envelope;
}

void throw_missing_event(Sequence sequence) {
  throw_damaged(fmt::format("expected event {} in the log, found none", sequence.value));
}

// The lengths keep different scopes apart: without them, ("ab", "c") and ("a", "bc") would have the same digest.
ContentDigest scope_digest(const Scope& scope) {
  std::string lengths[2];
  append_big_endian(lengths[0], static_cast<std::uint32_t>(scope.workspace.str().size()));
  if (!scope.tenant) return content_digest({lengths[0], scope.workspace.str()});
  append_big_endian(lengths[1], static_cast<std::uint32_t>(scope.tenant->str().size()));
  return content_digest({lengths[0], scope.workspace.str(), lengths[1], scope.tenant->str()});
}

}  // namespace runledger
