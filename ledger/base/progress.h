// How far long work has come, for whoever watches it.
#pragma once

#include <cstdint>
#include <functional>

namespace runledger {

// Called now and then during long work with how much is done.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

}  // namespace runledger
