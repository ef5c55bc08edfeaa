// How much memory a command takes while it waits.
#pragma once

#include <cstddef>
#include <vector>

#include "ledger/rules/command.h"

namespace runledger {

// About that many bytes: what can be long is counted, what is short is taken to be as long as it may be.
[[nodiscard]] std::size_t queued_bytes(const Submission& submission);
[[nodiscard]] std::size_t queued_bytes(const std::vector<Envelope>& envelopes);

}  // namespace runledger
