// A run as a person names it: by its whole id, or by its first digits.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "ledger/rules/ask.h"
#include "projections/reader/ledger_reader.h"
#include "tools/cli/output/answer.h"

namespace runledger {

// A value.
class RunName {
 public:
  // What the run is named for. The codes begin with it: "parent.invalid".
  enum class Role { kRun, kParent, kRerunOf };

  // Takes an id, or 4 to 32 hexadecimal digits at its beginning, with or without dashes. Code "run.invalid".
  [[nodiscard]] static RunName require(std::string_view typed, Role role = Role::kRun);

  // The id, if it is a whole one, for which no ledger is needed.
  [[nodiscard]] std::optional<RunId> whole() const {
    const auto* id = std::get_if<RunId>(&name_);
    return id == nullptr ? std::nullopt : std::optional(*id);
  }

  // Returns the run. Asks the ledger only for the first digits of an id: a whole id is returned whether or not there is
  // a run of it. Looks among the runs that the caller may see, and no others count. Codes "run.not_found" and
  // "run.ambiguous", the latter, which is the same for every role, with up to kCandidatesMax of the runs.
  [[nodiscard]] RunId find(LedgerReader& reader) const;

  static constexpr std::size_t kCandidatesMax = 5;

 private:
  RunName(std::variant<RunId, IdPrefix> name, Role role) : name_(std::move(name)), role_(role) {}

  std::variant<RunId, IdPrefix> name_;
  Role role_;
};

// Connects to the ledger, finds the run, submits what `ask` makes of it, prints the reply and returns it. Throws as
// LedgerConnection, RunName::find() and require_reply() do.
Reply submit_and_print(const Context& context, const RunName& run, const std::function<Ask(RunId)>& ask,
                       const CommandOptions& options = {});

}  // namespace runledger
