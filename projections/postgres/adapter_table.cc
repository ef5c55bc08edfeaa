// Reads any number of runs with one statement, over a connection that it keeps.
#include "projections/postgres/adapter_table.h"

#include <pqxx/result>
#include <pqxx/transaction>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/base/mutex.h"
#include "projections/postgres/mirror_schema.h"

namespace runledger {
namespace {

constexpr std::string_view kUnavailable = "adapter.unavailable";

// Times come as whole microseconds, because parsing a text would depend on the settings of the session.
constexpr const char* kQuery =
    "select run_id, adapter, external_id, attempt, status, (extract(epoch from finished_at) * 1000000)::bigint"
    " from adapter_runs where workspace_id = $1 and run_id = any($2::uuid[])";

// The ids consist of hex digits and hyphens, so nothing needs quoting.
std::string uuid_array(const std::vector<RunId>& runs) {
  std::string text = "{";
  for (const RunId& run : runs) {
    if (text.size() > 1) text += ',';
    text += format_uuid(run.value);
  }
  return text + "}";
}

Failure unreadable(std::string_view what) {
  return {Remedy::kCallOperator, kUnavailable,
          "table adapter_runs: expected a record of an adapter, found " + std::string(what)};
}

AdapterRecord record_of(const pqxx::row& row) {
  const Result<Uuid> run = parse_uuid(row[0].as<std::string>(), "run");
  const std::optional<AdapterStatus> status = parse_word<AdapterStatus>(row[4].as<std::string>());
  // The constraints of the table ensure this, but someone may have dropped them.
  if (!run || !status || has_ended(*status) == row[5].is_null())
    throw unreadable("a status that is none, or an end without a time");
  AdapterRecord record{.run = RunId{*run},
                       .adapter = sanitize(row[1].as<std::string>()),
                       .attempt = AttemptNumber{row[3].as<std::uint32_t>()},
                       .status = *status};
  if (!row[2].is_null()) record.external_id = sanitize(row[2].as<std::string>());
  if (!row[5].is_null()) record.finished_at = Time{row[5].as<std::int64_t>()};
  return record;
}

class AdapterTable final : public AdapterRecords {
 public:
  explicit AdapterTable(MirrorOptions options) : options_(std::move(options)) {}

  std::vector<AdapterRecord> read(const Workspace& workspace, const std::vector<RunId>& runs) override {
    RUNLEDGER_ASSERT(runs.size() <= kRunsPerReadMax);
    if (runs.empty()) return {};
    const MutexLock lock(mutex_);
    // A connection that was kept may have been lost long ago, so its failure is worth one more try.
    for (bool kept = connection_ != nullptr;; kept = false) {
      try {
        return read_once(workspace, runs);
      } catch (const Failure& failure) {
        connection_.reset();
        if (!kept || failure.remedy() != Remedy::kReconnect)
          throw Failure(failure.remedy(), kUnavailable, failure.what());
      }
    }
  }

 private:
  std::vector<AdapterRecord> read_once(const Workspace& workspace, const std::vector<RunId>& runs)
      RUNLEDGER_REQUIRES(mutex_) {
    if (!connection_) connect();
    return connection_->guarded([&](pqxx::connection_base& raw) {
      pqxx::read_transaction transaction(raw);
      std::vector<AdapterRecord> records;
      for (const pqxx::row& row : transaction.exec_params(kQuery, workspace.str(), uuid_array(runs)))
        records.push_back(record_of(row));
      return records;
    });
  }

  void connect() RUNLEDGER_REQUIRES(mutex_) {
    auto fresh = connect_to_mirror(options_, std::nullopt, PostgresUse::kRead);
    const bool missing = fresh->guarded([](pqxx::connection_base& raw) {
      pqxx::read_transaction transaction(raw);
      return transaction.exec1("select to_regclass('adapter_runs') is null")[0].as<bool>();
    });
    if (missing)
      throw Failure(Remedy::kCorrectInput, kUnavailable,
                    "Postgres: expected table adapter_runs in schema " + fresh->schema() +
                        ", found none; runledger project makes it");
    connection_ = std::move(fresh);
  }

  const MirrorOptions options_;
  Mutex mutex_;
  std::unique_ptr<PostgresConnection> connection_ RUNLEDGER_GUARDED_BY(mutex_);  // Null when lost or not opened yet.
};

}  // namespace

std::unique_ptr<AdapterRecords> postgres_adapter_records(MirrorOptions options) {
  check_mirror_options(options);
  return std::make_unique<AdapterTable>(std::move(options));
}

}  // namespace runledger
