// Compares the rows with the fold at the checkpoint of the mirror, and has Postgres name the differences.
#include "projections/postgres/mirror_verify.h"

#include <functional>
#include <optional>
#include <pqxx/result>
#include <pqxx/transaction>

#include "ledger/base/failure.h"
#include "ledger/values/uuid.h"
#include "projections/postgres/checkpoint.h"
#include "projections/postgres/connection.h"
#include "projections/postgres/erased_rows.h"
#include "projections/postgres/migrations.h"
#include "projections/postgres/mirror_compare.h"
#include "projections/postgres/mirror_rows.h"
#include "projections/postgres/mirror_schema.h"

namespace runledger {
namespace {

// One snapshot for the checkpoint and all rows, so that a projector may go on at the same time.
using Transaction = pqxx::transaction<pqxx::repeatable_read>;

// Returns true when the rows can be read, and then creates the tables for the fold. After that the transaction can
// only read, which includes filling temporary tables, but not creating them.
bool check_schema(pqxx::transaction_base& transaction, VerifyReport& report) {
  bool readable = true;
  for (const std::string& part : missing_schema_parts(transaction)) {
    report.add({"mirror.schema_differs", {}, {}, "the mirror's schema: expected " + part + ", found none"});
    readable = readable && !part.starts_with("column") && !part.starts_with("table");
  }
  if (readable) make_compare_tables(transaction, true);
  transaction.exec0("set transaction read only");
  return readable;
}

// Calls `check`. Returns false when it finds something; the report then says what.
bool passes(const std::function<void()>& check, VerifyReport& report) {
  try {
    check();
    return true;
  } catch (const Failure& failure) {
    const bool of_mirror = failure.code().starts_with("mirror.");
    if (!of_mirror && failure.remedy() != Remedy::kDamageFound) throw;
    report.add({of_mirror ? failure.code() : "mirror.not_compared", {}, {}, failure.what()});
    return false;
  }
}

// The checkpoint. Absent when the rows cannot be compared with a fold of this log; the report says why.
std::optional<Sequence> check_checkpoint(const std::optional<MirrorCheckpoint>& standing, const EventLog& log,
                                         VerifyReport& report) {
  if (!standing) {
    report.add(
        {"mirror.checkpoint_missing", {}, {}, "the mirror: expected its line in ledger_projections, found none"});
    return std::nullopt;
  }
  const auto compared = [&] {
    check_belongs(*standing, log);
    check_revision(*standing);
  };
  if (!passes(compared, report)) return std::nullopt;
  (void)passes([&] { check_history_known(*standing); }, report);  // The rows can still be compared.
  return standing->sequence;
}

Finding describe(const pqxx::row& row) {
  const std::string difference = row["difference"].as<std::string>();
  const int attempt = row["attempt"].as<int>();  // Zero for a row of a run.
  Finding finding{(attempt == 0 ? "mirror.row_" : "mirror.attempt_") + difference,
                  Sequence{row["last_sequence"].as<std::uint64_t>()},
                  {},
                  attempt == 0 ? "" : "attempt " + std::to_string(attempt) + ": "};
  if (const Result<Uuid> id = parse_uuid(row["id"].as<std::string>(), "run_id")) finding.run = RunId{*id};
  if (difference == "missing") finding.detail += "expected a row, found none";
  if (difference == "extra") finding.detail += "expected no row, found one";
  if (difference == "differs")
    finding.detail += "expected the values of the fold, found others in: " + row["column_names"].as<std::string>();
  return finding;
}

void report_differences(pqxx::transaction_base& transaction, const MirrorTable& table, const std::string& condition,
                        VerifyReport& report) {
  const pqxx::result found =
      transaction.exec("select d.*, count(*) over () as total from (" + select_differences(table) + ") d" + condition +
                       " order by id, attempt limit " + std::to_string(VerifyReport::kFindingsMax));
  for (const pqxx::row& row : found) report.add(describe(row));
  if (!found.empty()) report.findings_total += found[0]["total"].as<std::uint64_t>() - found.size();
}

// Rows of tenants whose content was erased after the mirror's checkpoint have it still, so they differ from the fold,
// which has lost it. That is no drift. Returns the condition that leaves them out.
std::string report_pending(const pqxx::transaction_base& transaction,
                           const std::vector<LedgerEvents::Erasure>& erasures, VerifyReport& report) {
  for (const LedgerEvents::Erasure& erasure : erasures) {
    report.add({"mirror.erasure_pending",
                erasure.at,
                {},
                "the mirror: expected it to have erased what " + erasure.what.scope.workspace.str() + "/" +
                    erasure.what.scope.tenant.value().str() + " had written, found it at an earlier checkpoint"});
  }
  const std::string condition = not_of_tenants(transaction, erasures, "d.id");
  return condition.empty() ? "" : " where " + condition;
}

}  // namespace

struct MirrorSnapshot::Impl {
  MirrorOptions options;
  PostgresConnection connection;
  std::optional<Transaction> transaction;
  std::optional<MirrorCheckpoint> standing;
  std::vector<StoredCheckpoint> checkpoints;

  explicit Impl(const MirrorOptions& given)
      : options(given), connection(options.dsn, options.schema.value_or(kMirrorSchema), PostgresUse::kWrite) {
    connection.guarded([this](pqxx::connection_base& raw) {
      transaction.emplace(raw);
      transaction->exec("select 1");  // The first statement takes the snapshot.
    });
  }
  // Returns false when the rows cannot be read; the report says why. The schema is found only now, because the id of
  // the ledger is known only now, but it is found in the snapshot.
  bool read(const LedgerId& ledger, VerifyReport& report) {
    return connection.guarded([&](pqxx::connection_base&) {
      connection.use_schema(*transaction, find_mirror_schema(*transaction, options, ledger));
      report.mirror_schema = connection.schema();
      if (!check_schema(*transaction, report)) return false;
      standing = read_checkpoint(*transaction);
      checkpoints = read_checkpoints(*transaction);
      return true;
    });
  }
  ~Impl() { transaction.reset(); }  // The transaction must end before its connection.
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
};

MirrorSnapshot::MirrorSnapshot(const MirrorOptions& options) : impl_(std::make_unique<Impl>(options)) {}

MirrorSnapshot::~MirrorSnapshot() = default;

const std::vector<StoredCheckpoint>& MirrorSnapshot::checkpoints() const {
  return impl_->checkpoints;
}

void MirrorSnapshot::compare(const EventLog& log, VerifyReport& report, const Progress& progress) {
  if (!impl_->read(log.store().ledger_id(), report)) return;
  const std::optional<Sequence> checkpoint = check_checkpoint(impl_->standing, log, report);
  if (!checkpoint) return;
  impl_->connection.guarded([&](pqxx::connection_base&) {
    try {
      MirrorOptions beside = impl_->options;
      beside.schema = impl_->connection.schema();
      SessionBeside session(beside, *impl_->transaction);
      const ComparedRows compared = stage_suspects(*impl_->transaction, session, log, *checkpoint, progress);
      report.mirror_rows = compared.mirrored;
      report.mirror_attempts = compared.mirrored_attempts;
    } catch (const Failure& failure) {
      if (failure.remedy() != Remedy::kDamageFound) throw;
      report.add({"mirror.not_compared", {}, {}, failure.what()});  // The rest of the report is still useful.
      return;
    }
    const std::string condition = report_pending(*impl_->transaction, erasures_after(log, *checkpoint), report);
    report_differences(*impl_->transaction, runs_table(), condition, report);
    // Attempts that no projector has filled yet are no drift.
    if (has_attempts(*impl_->standing)) report_differences(*impl_->transaction, attempts_table(), condition, report);
  });
}

}  // namespace runledger
