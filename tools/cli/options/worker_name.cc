// Asks the system for the name of the host.
#include "tools/cli/options/worker_name.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

namespace runledger {

std::string worker_name(std::string_view command) {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return fmt::format("{}@{}:{}", command, host.data(), ::getpid());
}

}  // namespace runledger
