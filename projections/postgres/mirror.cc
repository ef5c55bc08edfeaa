// The projector: opens the mirror and follows the log.
#include "projections/postgres/mirror.h"

#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "projections/postgres/mirror_session.h"

namespace runledger {

Mirror::Mirror(EventLog& log, MirrorOptions options)
    : session_(std::make_unique<MirrorSession>(log, std::move(options))) {}

Mirror::~Mirror() = default;

void Mirror::open(std::chrono::milliseconds patience) {
  session_->connection.reset();
  session_->opened = false;
  session_->patience = patience;
  session_->persist([] {}, session_->out_of_patience());
}

std::optional<Sequence> Mirror::checkpoint() const {
  const std::int64_t told = session_->told_checkpoint;
  return told < 0 ? std::nullopt : std::optional(Sequence{static_cast<std::uint64_t>(told)});
}

Sequence Mirror::catch_up(const Progress& progress) {
  RUNLEDGER_ASSERT(session_->opened);
  session_->catch_up(session_->log.last(), progress);
  return session_->standing->sequence;
}

void Mirror::follow(const std::function<bool()>& stop) {
  RUNLEDGER_ASSERT(session_->opened);
  MirrorSession& session = *session_;
  session.check_can_follow();
  while (!stop()) {
    if (!session.log.wait_past(session.standing->sequence, MirrorSession::kStopAskedEvery)) continue;
    try {
      session.persist(
          [&] {
            session.check_can_follow();
            session.write_next_batch();
          },
          stop);
    } catch (const Failure& failure) {
      if (failure.remedy() == Remedy::kReconnect && stop()) return;  // Told to stop while the connection was away.
      throw;
    }
  }
}

}  // namespace runledger
