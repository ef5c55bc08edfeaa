// The stored form of states, command records, life signs and the head (docs/log-format.md).
//
// As in ledger/log/codec.h, equal values give equal bytes, now and under every later schema. Decoding reverses
// encoding, except that Reply::events and Reply::position are not stored: they are zero and absent afterwards. It
// throws Failure "storage.damaged" when the bytes are not a value of that kind. Any thread may call these functions.
#pragma once

#include <string>
#include <string_view>

#include "ledger/log/append_batch.h"

namespace runledger {

[[nodiscard]] std::string encode_run(const RunState& run);
[[nodiscard]] RunState decode_run(std::string_view stored);

// Returns whether the log stores an empty entry in place of the run's state. The last event of such a run is the one
// that completed it, so its state is rarely needed again, and at most kEventsLeftMax events have to be folded for it.
// Most runs of a ledger are of this kind.
inline constexpr std::uint32_t kEventsLeftMax = 16;
[[nodiscard]] bool is_left_to_events(const RunState& run);

[[nodiscard]] std::string encode_identity(const IdentityState& identity);
[[nodiscard]] IdentityState decode_identity(std::string_view stored);

[[nodiscard]] std::string encode_command(const CommandRecord& command);
[[nodiscard]] CommandRecord decode_command(std::string_view stored);

[[nodiscard]] std::string encode_life_sign(const LifeSign& sign);
[[nodiscard]] LifeSign decode_life_sign(std::string_view stored);

// Requires a tree with as many leaves as the head's sequence says.
[[nodiscard]] std::string encode_head(const Head& head);
[[nodiscard]] Head decode_head(std::string_view stored);

}  // namespace runledger
