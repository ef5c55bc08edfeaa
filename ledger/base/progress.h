// Progress reports from long-running work to its caller.
#pragma once

#include <cstdint>
#include <functional>

namespace runledger {

// Called from time to time during the work; `done` and `total` are in the unit of the work.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

}  // namespace runledger
