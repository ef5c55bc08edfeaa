// The environment variables of the program, all of which begin with RUNLEDGER_.
#pragma once

#include "tools/cli/options/nearest_name.h"

namespace runledger {

inline constexpr std::string_view kVariablePrefix = "RUNLEDGER_";

// Checks that every variable of `environment` that begins with kVariablePrefix is in `known`, so that no misspelt
// option is silently ignored. An empty variable counts as unset. `environment` has the form of environ(7): "NAME=VALUE"
// each, then null. Throws Refused with code "environment.unknown", which names the variable and never its value.
void require_known_variables(const char* const* environment, const Names& known);

}  // namespace runledger
