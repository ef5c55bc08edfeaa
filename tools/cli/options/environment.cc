// Looks for the nearest name without the prefix, which would make all names look alike.
#include "tools/cli/options/environment.h"

#include <fmt/format.h>

#include <regex>
#include <string>

#include "ledger/values/rejection.h"

namespace runledger {
namespace {

std::string advice_for(std::string_view unknown, const Names& known) {
  Names endings;
  for (const std::string& name : known) {
    if (name.starts_with(kVariablePrefix)) endings.insert(name.substr(kVariablePrefix.size()));
  }
  const std::optional<std::string> nearest = nearest_name(unknown.substr(kVariablePrefix.size()), endings);
  return nearest ? fmt::format("did you mean {}{}?", kVariablePrefix, *nearest) : "see runledger --help";
}

// Kubernetes describes every service to every container: a service named runledger is RUNLEDGER_SERVICE_HOST,
// RUNLEDGER_PORT=tcp://..., and more. Nobody meant these as options.
bool is_service_link(const std::string& name, std::string_view value) {
  static const std::regex link(
      "RUNLEDGER(_\\w+)?_(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PORT|ADDR|PROTO))?)");
  const bool is_address = value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://");
  return (is_address && name.ends_with("_PORT")) || std::regex_match(name, link);
}

}  // namespace

void require_known_variables(const char* const* environment, const Names& known) {
  for (const char* const* entry = environment; *entry != nullptr; ++entry) {
    const std::string_view variable(*entry);
    const std::size_t equals = variable.find('=');
    if (!variable.starts_with(kVariablePrefix) || equals == variable.npos || equals + 1 == variable.size()) continue;
    const std::string_view name = variable.substr(0, equals);
    if (known.contains(name) || is_service_link(std::string(name), variable.substr(equals + 1))) continue;
    refuse("environment.unknown", fmt::format("expected only known variables that begin with {}, found {}; {}",
                                              kVariablePrefix, name, advice_for(name, known)));
  }
}

}  // namespace runledger
