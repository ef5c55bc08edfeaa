// Looks at one file after the other, each under its lock.
#include "tools/cli/spooling/take_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "tools/cli/exit_status.h"

namespace runledger {
namespace {

constexpr const char* kSpoolDirectory = "spool";

// A killed process has lost its lock. Its lease still counts, because what it started may still be at work. A sign of
// life from the future, by a clock that was set back, counts as none.
bool may_be_at_work(const SpooledRecord& record, Time last_sign_of_life) {
  const Duration silent = SystemClock().now() - last_sign_of_life;
  return !record.has_ended && silent >= Duration::zero() && silent < record.lease;
}

// Its process can add nothing any more.
void close_record(SpooledRecord& record, Time last_sign_of_life) {
  if (!record.is_open) return;
  SpooledAttempt& attempt = record.run.attempts.back();
  attempt.outcome = AttemptOutcome::kLost;
  attempt.ended_at = std::max(attempt.started_at, last_sign_of_life + record.lease);
}

SpooledItem item_of(const SpoolFile& file, const SpoolSelection& selection) {
  SpooledItem item{.name = file.name()};
  const std::string text = file.read();
  Result<SpooledRecord> record =
      text.size() > kSpooledBytesMax
          ? reject("spool.damaged", fmt::format("expected at most {} bytes, found more", kSpooledBytesMax))
          : read_spooled(text);
  if (!record) {
    item.state = SpooledState::kDamaged;
    item.trouble = record.rejection().detail.str();
    return item;
  }
  const Time last_sign = file.last_sign_of_life();
  if (!selection.every_ledger && record->ledger != selection.ledger) {
    item.state = SpooledState::kElsewhere;
  } else if (may_be_at_work(*record, last_sign)) {
    item.state = SpooledState::kRunning;
  } else {
    close_record(*record, last_sign);
  }
  item.record = *std::move(record);
  return item;
}

// Calls `found` for every run that could be locked, and `each` for all other files.
void look_through(const Spool& spool, const SpoolSelection& selection,
                  const std::function<void(const SpooledItem&)>& each,
                  const std::function<bool(const SpoolFile&, SpooledItem)>& found) {
  const Spool::Names names = spool.names();
  for (const std::string& name : names.runs) {
    const Spool::Opened opened = spool.open(name);
    if (opened.file) {
      if (!found(*opened.file, item_of(*opened.file, selection))) return;
      continue;
    }
    if (opened.trouble == Spool::Trouble::kGone) continue;
    each({.name = name,
          .state = opened.trouble == Spool::Trouble::kInUse ? SpooledState::kRunning : SpooledState::kForeign});
  }
  for (const std::string& name : names.others) {
    const bool damaged = name.ends_with(".damaged");
    each({.name = name, .state = damaged ? SpooledState::kDamaged : SpooledState::kForeign});
  }
}

bool says_nothing_about_the_run(const Answer& answer) {
  const auto* rejection = std::get_if<Rejection>(&answer);
  if (rejection == nullptr) return std::holds_alternative<UnknownOutcome>(answer);
  return rejection->code == "overloaded" || rejection->code == "storage.full";
}

}  // namespace

std::string ledger_name(const Context& context) {
  if (context.connect) return context.connect->str();
  std::error_code error;
  const std::filesystem::path path = std::filesystem::weakly_canonical(context.data, error);
  return (error ? context.data : path).string();
}

std::filesystem::path spool_path(const Context& context) {
  if (!context.spool.empty()) return context.spool;
  return context.connect ? std::filesystem::path() : context.data / kSpoolDirectory;
}

std::filesystem::path require_spool_path(const Context& context) {
  std::filesystem::path path = spool_path(context);
  if (path.empty()) refuse("usage", "expected --spool DIR together with --connect, which names no directory");
  return path;
}

void list_spool(const Spool& spool, const SpoolSelection& selection,
                const std::function<void(const SpooledItem&)>& each) {
  look_through(spool, selection, each, [&](const SpoolFile&, const SpooledItem& item) {
    each(item);
    return true;
  });
}

void take_in_spool(const Spool& spool, const SpoolSelection& selection, LedgerClient& client,
                   const std::function<void(const SpooledItem&)>& each) {
  look_through(spool, selection, each, [&](const SpoolFile& file, SpooledItem item) {
    if (item.state == SpooledState::kDamaged && file.read().empty()) {  // A process was killed as it made the file.
      file.remove();
      return true;
    }
    if (item.state == SpooledState::kDamaged) file.set_aside();
    if (item.state == SpooledState::kWaiting) {
      item.answer = client.submit(item.record->run, {});
      if (std::holds_alternative<Reply>(*item.answer)) file.remove();
    }
    each(item);
    return !item.answer || !says_nothing_about_the_run(*item.answer);
  });
}

}  // namespace runledger
