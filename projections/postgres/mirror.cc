// The projector: opens the mirror and follows the log.
#include "projections/postgres/mirror.h"

#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "projections/postgres/mirror_session.h"

namespace runledger {
namespace {

using Steady = std::chrono::steady_clock;  // Clock is the ledger's own.

}  // namespace

Mirror::Mirror(EventLog& log, MirrorOptions options, OnCheckpoint on_checkpoint)
    : session_(std::make_unique<MirrorSession>(log, std::move(options), std::move(on_checkpoint))) {}

Mirror::~Mirror() = default;

void Mirror::open(std::chrono::milliseconds timeout) {
  session_->connection.reset();
  session_->opened = false;
  session_->timeout = timeout;
  session_->persist([] {}, session_->give_up_after_timeout());
}

std::string Mirror::schema() const {
  RUNLEDGER_ASSERT(session_->opened && session_->options.schema);
  return *session_->options.schema;
}

std::optional<Sequence> Mirror::checkpoint() const {
  const std::int64_t published = session_->published_checkpoint;
  return published < 0 ? std::nullopt : std::optional(Sequence{static_cast<std::uint64_t>(published)});
}

Sequence Mirror::catch_up(const Progress& progress) {
  RUNLEDGER_ASSERT(session_->opened);
  session_->catch_up(session_->log.last(), progress);
  return session_->standing->sequence;
}

void Mirror::follow(const std::stop_token& stop) {
  RUNLEDGER_ASSERT(session_->opened);
  MirrorSession& session = *session_;
  session.check_can_follow();
  // A new connection may find a mirror that someone has changed, so every batch checks again.
  const auto asked_to_stop = [&stop] { return stop.stop_requested(); };
  const auto write_batch = [&] {
    session.check_can_follow();
    session.write_next_batch(asked_to_stop, {});
  };
  const auto look = [&] {
    session.check_can_follow();
    session.check_tables();
  };
  try {
    if (!has_attempts(*session.standing)) session.persist(write_batch, asked_to_stop);
    for (auto next_look = Steady::now() + session.options.look_every; !stop.stop_requested();) {
      const auto rest = std::chrono::ceil<std::chrono::milliseconds>(next_look - Steady::now());
      // The position can go back: to that of another server, or of new tables.
      if (session.log.wait_past(session.standing->sequence, stop, rest)) {
        session.persist(write_batch, asked_to_stop);
      } else if (!stop.stop_requested()) {
        session.persist(look, asked_to_stop);
        next_look = Steady::now() + session.options.look_every;
      }
    }
  } catch (const Failure& failure) {
    const bool was_away = failure.remedy() == Remedy::kReconnect;  // The connection was lost when the stop came.
    if (!was_away || !stop.stop_requested()) throw;
  }
}

}  // namespace runledger
