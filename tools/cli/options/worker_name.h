// What a process calls itself as a worker, where nobody named it.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// "exec@HOST:PROCESS", of the command "exec".
[[nodiscard]] std::string worker_name(std::string_view command);

}  // namespace runledger
