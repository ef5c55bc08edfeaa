// The options that every command takes.
#pragma once

#include <string>

#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/options.h"

namespace runledger {

inline constexpr std::string_view kProgramSummary = "An event-sourced ledger of background operation runs.";

// As typed, or as they are by default. An empty text means that the option was not given.
struct TypedGlobals {
  std::string data = "./runledger-data";
  std::string catalog;
  TypedConnect connect;
  std::string spool;
  std::string format = "text";
  Typed config;

  void declare(Options& options);
};

}  // namespace runledger
