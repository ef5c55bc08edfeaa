// Statements that take the content out of rows. Rows that have none stay as they are.
#include "projections/postgres/erased_rows.h"

#include <pqxx/nontransaction>

#include "projections/postgres/mirror_rows.h"

namespace runledger {
namespace {

// The failures without their messages, in the same order.
std::string without_messages(const std::string& column) {
  return "(select coalesce(jsonb_agg(jsonb_set(failure, '{message}', '\"\"') order by place), '[]') from "
         "jsonb_array_elements(" +
         column + ") with ordinality as failures (failure, place))";
}

std::string erase_runs() {
  return std::string("update ") + runs_table().name + " set initiator = null, context = '{}', labels = '{}', " +
         "failure_summary = " + without_messages("failure_summary") +
         " where workspace_id = $1 and tenant_id = $2 and (initiator is not null or context <> '{}' or labels <> '{}' "
         "or failure_summary <> '[]')";
}

std::string erase_attempts() {
  return std::string("update ") + attempts_table().name +
         " a set worker = '', failures = " + without_messages("a.failures") + " from " + runs_table().name +
         " r where r.id = a.run_id and r.workspace_id = $1 and r.tenant_id = $2 and (a.worker <> '' or a.failures <> "
         "'[]')";
}

}  // namespace

void erase_content(pqxx::transaction_base& transaction, const Scope& scope) {
  transaction.exec_params(erase_runs(), scope.workspace.str(), scope.tenant.value().str());
  transaction.exec_params(erase_attempts(), scope.workspace.str(), scope.tenant.value().str());
}

void vacuum_rows(pqxx::connection_base& connection) {
  pqxx::nontransaction alone(connection);
  for (const MirrorTable* table : {&runs_table(), &attempts_table()}) alone.exec(std::string("vacuum ") + table->name);
}

std::vector<LedgerEvents::Erasure> erasures_after(const EventLog& log, Sequence checkpoint) {
  std::vector<LedgerEvents::Erasure> after = LedgerEvents::stored_in(log.store()).erasures();
  std::erase_if(after, [&](const auto& erasure) { return erasure.at <= checkpoint || erasure.at > log.last(); });
  return after;
}

std::string not_of_tenants(const pqxx::transaction_base& transaction,
                           const std::vector<LedgerEvents::Erasure>& erasures, const std::string& column) {
  if (erasures.empty()) return {};
  std::string tenants;
  for (const LedgerEvents::Erasure& erasure : erasures) {
    if (!tenants.empty()) tenants += ", ";
    tenants += "(" + transaction.quote(erasure.what.scope.workspace.str()) + ", " +
               transaction.quote(erasure.what.scope.tenant.value().str()) + ")";
  }
  return column + " not in (select id from " + runs_table().name + " where (workspace_id, tenant_id) in (" + tenants +
         "))";
}

}  // namespace runledger
