// Entries of the log's families, held to their forms.
#include "ledger/event_log_entries.h"

#include <fmt/format.h>

#include "ledger/codec.h"
#include "ledger/damage.h"
#include "ledger/failure.h"

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

Envelope decode_event(Sequence sequence, std::string_view stored) {
  try {
    Envelope envelope = decode(stored);
    if (envelope.sequence == sequence) return envelope;
    throw_damaged(fmt::format("expected it to be numbered so, found {}", envelope.sequence.value));
  } catch (const Failure& failure) {
    throw Failure(failure.remedy(), failure.code(), fmt::format("event {}: {}", sequence.value, failure.what()));
  }
}

void throw_missing_event(Sequence sequence) {
  throw_damaged(fmt::format("expected event {} in the log, found none", sequence.value));
}

}  // namespace runledger
