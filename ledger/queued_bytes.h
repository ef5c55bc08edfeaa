// The memory that a command takes while it waits in the sequencer's queue.
#pragma once

#include <cstddef>
#include <vector>

#include "ledger/erase_content.h"
#include "ledger/rules/command.h"

namespace runledger {

// Return an estimate in bytes. Inputs and texts, which can be long, are measured; short names count as if they had
// their greatest length. The estimate only has to bound memory, so it is not exact.
[[nodiscard]] std::size_t queued_bytes(const Submission& submission);
[[nodiscard]] std::size_t queued_bytes(const EraseContent& erase);
[[nodiscard]] std::size_t queued_bytes(const std::vector<Envelope>& envelopes);

}  // namespace runledger
