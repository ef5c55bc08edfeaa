// Imports the lines of a journal through a daemon.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clients/cpp/connect.h"
#include "ledger/exchange/journal.h"

namespace runledger {

struct NumberedLine {
  std::uint64_t number = 0;  // Counted from 1 within the source.
  std::string text;
};

// The origin of the lines, and how they are read.
struct JournalSource {
  std::string name = "import";  // The namespace of the journal's keys.
  // The policies under which its runs were requested, as Catalog::parse reads them; at most kJournalCatalogBytesMax.
  // Absent: the daemon's policies, with no cooldown for types that these do not list.
  std::optional<std::string> catalog;
  JournalNames names = JournalNames::kAsTheyAre;
  RememberedRejections remembered = RememberedRejections::kStand;
  bool adopts = false;  // The lines are the ids of runs to be taken over (AdoptRun).
  friend bool operator==(const JournalSource&, const JournalSource&) = default;
};
inline constexpr std::size_t kJournalCatalogBytesMax = 1024 * 1024;

// The limits of one part.
inline constexpr std::size_t kJournalPartLinesMax = 4096;
inline constexpr std::size_t kJournalPartBytesMax = 4 * 1024 * 1024;
struct JournalPart {
  JournalSource source;
  // In order. Empty: the call only asks whether the daemon would accept the source.
  std::vector<NumberedLine> lines = {};
};

// The kind of a line, and what came of it.
struct JournalAnswer {
  LineKind kind = LineKind::kUnknown;
  Answer answer;
};

// Sends a part and returns one answer per line, in order. If a line is answered "overloaded" or "storage.full", no line
// after it has had an effect: the caller can send the lines again, from the first of these on. A part whose answer is
// lost is sent again. Its lines have the same ids then, so no line acts twice, and lines that had been recorded are
// answered as repeated. The caller needs the rights to request, work and operate, bound to no workspace.
//
// The result is a rejection if the daemon refused the part as a whole: "overloaded", "access.denied",
// "namespace.invalid", "catalog.too_large", and the codes of Catalog::parse. Requires at most kJournalPartLinesMax
// lines. Throws Failure "daemon.unreachable", "outcome.unknown" and "daemon.failed".
[[nodiscard]] Result<std::vector<JournalAnswer>> import_remotely(RpcLink& link, const JournalPart& part);

}  // namespace runledger
