// The default name of a process that works on runs.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// Returns "exec@HOST:PROCESS" for the command "exec". The host is empty if the system does not tell it.
[[nodiscard]] std::string worker_name(std::string_view command);

}  // namespace runledger
