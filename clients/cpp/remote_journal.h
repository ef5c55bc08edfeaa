// The lines of a journal, taken in by a daemon.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "ledger/exchange/journal.h"

namespace runledger {

struct NumberedLine {
  std::uint64_t number = 0;  // From 1, in its source.
  std::string text;
};

// Whose lines they are.
struct JournalSource {
  std::string name = "import";  // The namespace of its keys.
  // The policies that its runs were made under, as Catalog::parse reads them. Absent: the daemon's, and no cooldown for
  // types that those do not list.
  std::optional<std::string> catalog;
  friend bool operator==(const JournalSource&, const JournalSource&) = default;
};
inline constexpr std::size_t kJournalCatalogBytesMax = 1024 * 1024;

// How much one part may be.
inline constexpr std::size_t kJournalPartLinesMax = 4096;
inline constexpr std::size_t kJournalPartBytesMax = 4 * 1024 * 1024;
struct JournalPart {
  JournalSource source;
  std::vector<NumberedLine> lines;  // In order. None: only asks whether its source would be taken.
};

struct JournalAnswer {
  LineKind kind = LineKind::kUnknown;
  Answer answer;
};

// One answer a line, in order. Once a line is answered "overloaded" or "storage.full", none behind it acts: they can be
// given again, from the first such line on. A part that was lost on the way is given again under the ids that its lines
// have, so that none acts twice; such lines are answered as repeated. Needs an unbound right to request, work and
// operate. Codes where the part was not looked at: "overloaded", "access.denied", "namespace.invalid",
// "catalog.too_large", those of Catalog::parse. Throws Failure "daemon.unreachable", "outcome.unknown".
[[nodiscard]] Result<std::vector<JournalAnswer>> import_remotely(RpcLink& link, const JournalPart& part);

}  // namespace runledger
