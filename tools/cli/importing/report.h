// Counts the results of the lines of an import, and prints the counts.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "ledger/exchange/journal.h"
#include "ledger/rules/command.h"
#include "tools/cli/context.h"

namespace runledger {

// A value. Every line is counted in exactly one of applied, repeated, deduped, late and rejected.
struct ImportReport {
  struct Totals {
    std::uint64_t applied = 0;
    std::uint64_t repeated = 0;
    std::uint64_t deduped = 0;
    std::uint64_t late = 0;
    std::uint64_t rejected = 0;
  };

  bool dry_run = false;  // Set by the caller: nothing stays of the import.
  std::uint64_t lines = 0;
  Totals totals;
  std::array<Totals, std::size(kLineKindNames)> by_kind;
  std::map<std::string, std::uint64_t> deduped;      // The deduplicated lines, by rule.
  std::map<std::string, std::uint64_t> rejected;     // The rejected lines, by code.
  std::map<std::string, std::uint64_t> warnings;     // What was left out of lines that were taken, by code.
  std::uint64_t adopted = 0;                         // Runs that the journal left open and the ledger took over.
  std::map<std::string, std::uint64_t> not_adopted;  // The other runs that it left open, by code.
  std::uint64_t events = 0;                          // Events that were appended for the lines.
  double seconds = 0;                                // Set by the caller, before it prints the report.

  void count(LineKind kind, const Reply& reply);
  void count(LineKind kind, const Rejection& rejection);
  // Takes back what count() counted for a line that was rejected with `code`, because it is asked again.
  void uncount_rejected(LineKind kind, const std::string& code);
};

// Prints to context.out, in JSON mode as the following object, else as a table:
// {"lines":N,"applied":N,"repeated":N,"deduped":{RULE:N},"late":N,"rejected":{CODE:N},"warnings":{CODE:N},"adopted":N,
// "not_adopted":{CODE:N},"events":N,
//  "seconds":S,"dry_run":BOOL,"by_kind":{KIND:{"applied":N,"repeated":N,"deduped":N,"late":N,"rejected":N}}}
void print_report(const Context& context, const ImportReport& report);

}  // namespace runledger
