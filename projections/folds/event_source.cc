// Scans the log, either strictly or past its damage.
#include "projections/folds/event_source.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/base/failure.h"
#include "ledger/log/codec.h"
#include "ledger/log/log_inspection.h"

namespace runledger {
namespace {

constexpr std::uint64_t kEventsPerProgress = 4096;

// A single scan. It remembers its position, so that it can continue after an event that the engine cannot read.
class DamageScan {
 public:
  DamageScan(const EventLog& log, Sequence after, const std::function<void(const Envelope*, std::string_view)>& visit,
             const std::function<void(const LogDamage&)>& damage)
      : keys_(log.store().seal_keys()), visit_(visit), damage_(damage), last_(after) {}

  void run(const LogInspection& log, Sequence to) {
    while (last_ < to) {
      try {
        log.scan_stored(last_, to, [this](Sequence position, std::string_view stored) { take(position, stored); });
        miss_until(to.next());
      } catch (const Failure& failure) {
        if (failure.remedy() != Remedy::kDamageFound) throw;
        // The iterator has stopped for good, so the next round of the loop opens a new one after this position.
        last_ = last_.next();
        damage_({last_, "event.unreadable", failure.what()});
      }
    }
  }

 private:
  void miss_until(Sequence next) {
    while (last_.next() < next) {
      last_ = last_.next();
      damage_({last_, "event.missing", fmt::format("expected event {}, found none", last_.value)});
    }
  }

  void take(Sequence position, std::string_view stored) {
    miss_until(position);
    last_ = position;
    Envelope envelope;
    try {
      envelope = decode(position, stored, keys_);
    } catch (const Failure& failure) {
      if (failure.remedy() != Remedy::kDamageFound) {
        throw Failure(failure.remedy(), failure.code(), fmt::format("event {}: {}", position.value, failure.what()));
      }
      damage_({position, "event.undecodable", failure.what()});
      return visit_(nullptr, stored);
    }
    visit_(&envelope, stored);
  }

  const SealKeys* const keys_;
  const std::function<void(const Envelope*, std::string_view)>& visit_;
  const std::function<void(const LogDamage&)>& damage_;
  Sequence last_;
};

}  // namespace

EventSource sound_events(const EventLog& log, Sequence to) {
  return [&log, to](const std::function<void(const Envelope&)>& visit) {
    log.scan(Sequence{}, to, [&](const Envelope& envelope, std::string_view) {
      if (!is_of_ledger(envelope.event)) visit(envelope);
      return Scan::kContinue;
    });
  };
}

EventSource readable_events(const EventLog& log, Sequence to) {
  return [&log, to](const std::function<void(const Envelope&)>& visit) {
    scan_with_damage(
        log, Sequence{}, to,
        [&](const Envelope* envelope, std::string_view) {
          if (envelope != nullptr && !is_of_ledger(envelope->event)) visit(*envelope);
        },
        [](const LogDamage&) {});
  };
}

EventSource with_progress(EventSource source, Sequence to,
                          std::function<void(std::uint64_t done, std::uint64_t total)> progress) {
  if (!progress) return source;
  return [source = std::move(source), to, progress = std::move(progress),
          passes = std::uint64_t{0}](const std::function<void(const Envelope&)>& visit) mutable {
    // The number of passes is not known in advance, so the total grows with each pass.
    const std::uint64_t before = passes++ * to.value;
    std::uint64_t done = 0;
    source([&](const Envelope& envelope) {
      visit(envelope);
      if (++done % kEventsPerProgress == 0) progress(before + done, passes * to.value);
    });
    progress(before + done, passes * to.value);
  };
}

void scan_with_damage(const EventLog& log, Sequence after, Sequence to,
                      const std::function<void(const Envelope* envelope, std::string_view stored)>& visit,
                      const std::function<void(const LogDamage&)>& damage) {
  DamageScan(log, after, visit, damage).run(LogInspection(log.store()), to);
}

}  // namespace runledger
