// The archive's thread sleeps until there is a checkpoint to store, and after a failure for a while.
#include "projections/postgres/checkpoint_table.h"

#include <pqxx/result>
#include <pqxx/transaction>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/base/retry.h"
#include "ledger/base/thread_name.h"
#include "ledger/values/base64.h"
#include "projections/postgres/mirror_schema.h"

namespace runledger {
namespace {

// Of two in the same minute, or on the same day, the one of fewer events goes.
constexpr const char* kThinOut[] = {
    R"(delete from ledger_checkpoints old
       where ledger_id = $1 and signed_at >= now() - interval '1 day' and exists (
         select from ledger_checkpoints new
         where new.ledger_id = old.ledger_id and new.size > old.size
           and date_trunc('minute', new.signed_at) = date_trunc('minute', old.signed_at)))",
    R"(delete from ledger_checkpoints old
       where ledger_id = $1 and signed_at < now() - interval '1 day' and exists (
         select from ledger_checkpoints new
         where new.ledger_id = old.ledger_id and new.size > old.size
           and (new.signed_at at time zone 'UTC')::date = (old.signed_at at time zone 'UTC')::date))"};

std::vector<StoredCheckpoint> checkpoints_in(const pqxx::result& rows) {
  std::vector<StoredCheckpoint> found;
  for (const pqxx::row& row : rows)
    found.push_back(
        {row["note"].as<std::string>(), row["verifier_key"].as<std::string>(), row["signed_at"].as<std::string>()});
  return found;
}

}  // namespace

void store_checkpoint(pqxx::transaction_base& transaction, LedgerId ledger, const SignedCheckpoint& checkpoint) {
  const std::string id = format_uuid(ledger.value);
  transaction.exec_params0(
      "insert into ledger_checkpoints (ledger_id, size, root, note, verifier_key, signed_at)"
      " values ($1, $2, $3, $4, $5, now()) on conflict (ledger_id, size, root) do update set note = excluded.note",
      id, checkpoint.tree.size, format_base64(bytes_of(checkpoint.tree.root)), checkpoint.note,
      checkpoint.verifier.format());
  for (const char* thin_out : kThinOut) transaction.exec_params0(thin_out, id);
}

std::vector<StoredCheckpoint> read_checkpoints(pqxx::transaction_base& transaction) {
  return checkpoints_in(
      transaction.exec("select note, verifier_key, signed_at::text as signed_at"
                       " from ledger_checkpoints order by size, root"));
}

std::vector<StoredCheckpoint> read_checkpoints_after(pqxx::transaction_base& transaction, LedgerId ledger,
                                                     Sequence after) {
  return checkpoints_in(
      transaction.exec_params("select note, verifier_key, signed_at::text as signed_at from ledger_checkpoints"
                              " where ledger_id::text = $1 and size > $2 order by size, root",
                              format_uuid(ledger.value), after.value));
}

std::optional<CheckpointTableEnd> read_checkpoint_end(const MirrorOptions& options, LedgerId ledger) {
  const auto connection = connect_to_mirror(options, ledger, PostgresUse::kRead);
  return connection->guarded([&](pqxx::connection_base& raw) -> std::optional<CheckpointTableEnd> {
    pqxx::read_transaction transaction(raw);
    if (transaction.exec1("select to_regclass('ledger_checkpoints') is null")[0].as<bool>()) return std::nullopt;
    const pqxx::result found = transaction.exec_params(
        "select size, greatest(0, extract(epoch from now() - signed_at))::bigint from ledger_checkpoints"
        " where ledger_id::text = $1 order by size desc limit 1",
        format_uuid(ledger.value));
    if (found.empty()) return std::nullopt;
    return CheckpointTableEnd{static_cast<std::uint64_t>(found[0][0].as<long long>()), connection->schema(),
                              std::chrono::seconds(found[0][1].as<long long>())};
  });
}

CheckpointArchive::CheckpointArchive(MirrorOptions options, LedgerId ledger, Listener listener)
    : options_(std::move(options)), ledger_(ledger), listener_(std::move(listener)), thread_([this] { keep(); }) {}

CheckpointArchive::~CheckpointArchive() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
  (void)write_pending();
}

void CheckpointArchive::store(const SignedCheckpoint& newest) {
  const MutexLock lock(mutex_);
  pending_ = newest;
  changed_.notify_one();
}

void CheckpointArchive::begin() {
  const MutexLock lock(mutex_);
  begun_ = true;
  changed_.notify_one();
}

void CheckpointArchive::keep() {
  name_thread("checkpoints-pg");
  const RetryDelays delays{.first = options_.reconnect_delay_min, .max = options_.reconnect_delay_max};
  for (unsigned failures = 0;;) {
    {
      MutexLock lock(mutex_);
      const auto end = std::chrono::steady_clock::now() + (failures == 0 ? delays.first : delays.after(failures));
      while (!stopping_ && failures != 0 && changed_.wait_until(lock, end)) continue;
      while (!stopping_ && !(begun_ && pending_)) changed_.wait(lock);
      if (stopping_) return;
    }
    failures = write_pending() ? 0 : failures + 1;
  }
}

// Returns false when what is pending could not be stored; it stays pending, unless a newer one has come.
bool CheckpointArchive::write_pending() {
  std::optional<SignedCheckpoint> newest;
  {
    const MutexLock lock(mutex_);
    if (begun_) newest = std::exchange(pending_, std::nullopt);
  }
  if (!newest) return true;
  try {
    if (!connection_) connection_ = connect_to_mirror(options_, ledger_, PostgresUse::kWrite);
    connection_->guarded([&](pqxx::connection_base& raw) {
      pqxx::work transaction(raw);
      store_checkpoint(transaction, ledger_, *newest);
      transaction.commit();
    });
    listener_.stored(*newest);
    return true;
  } catch (const Failure& failure) {
    connection_.reset();
    listener_.failed(failure.code(), failure.what());
  }
  const MutexLock lock(mutex_);
  if (!pending_) pending_ = std::move(newest);
  return false;
}

}  // namespace runledger
