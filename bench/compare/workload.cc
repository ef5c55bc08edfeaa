// What the callers of a comparison ask for.
#include <fmt/format.h>

#include <random>

#include "bench/compare/load.h"
#include "ledger/base/big_endian.h"

namespace runledger::compare {
namespace {

std::uint64_t random_number() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return random();
}

}  // namespace

std::string workspace_of(std::size_t caller) {
  return fmt::format("workspace-{}", caller % 4);
}

std::string tenant_of(std::size_t caller) {
  return fmt::format("tenant-{:04}", caller % 20);
}

std::string new_input() {
  return fmt::format(R"({{"policy_id":"policy-{:016x}","snapshot":{}}})", random_number(), random_number() % 1000);
}

std::string new_id() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  std::string id;
  append_big_endian(id, ms << 16U | 0x7000U | (random_number() & 0x0FFFU));
  append_big_endian(id, (random_number() & 0x3FFFFFFFFFFFFFFFU) | 0x8000000000000000U);
  return id;
}

}  // namespace runledger::compare
