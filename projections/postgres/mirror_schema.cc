// Looks for a line of the ledger in two schemas.
//
// An application may have tables of the same names, or may have closed its schema to this role. So the catalog is asked
// first whether a table has the columns that are read here, and whether this role may read them.
#include "projections/postgres/mirror_schema.h"

#include <pqxx/result>
#include <pqxx/transaction>

#include "ledger/base/failure.h"
#include "projections/postgres/migrations.h"

namespace runledger {
namespace {

// A table with a line per ledger, of which a line shows that the schema belongs to the ledger.
struct OwnTable {
  const char* name;
  const char* columns;    // As an array of Postgres.
  const char* condition;  // Which lines count.
};
constexpr OwnTable kMirrorLine = {"ledger_projections", "{name,ledger_id,checkpoint}", "name = 'operation_runs'"};
constexpr OwnTable kCheckpointLines = {"ledger_checkpoints", "{ledger_id,size}", "true"};

bool is_readable(pqxx::transaction_base& transaction, const std::string& schema, const OwnTable& table) {
  return transaction
      .exec_params1(
          "select count(*) = cardinality($3::text[]) from pg_attribute a"
          " join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace"
          " where n.nspname = $1 and c.relname = $2 and a.attname = any($3::text[]) and not a.attisdropped"
          " and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')",
          schema, table.name, table.columns)[0]
      .as<bool>();
}

bool names_ledger(pqxx::transaction_base& transaction, const std::string& schema, const OwnTable& table,
                  const std::optional<std::string>& ledger) {
  if (!is_readable(transaction, schema, table)) return false;
  const std::string from = transaction.quote_name(schema) + "." + table.name;
  return transaction
      .exec_params1("select exists (select from " + from + " where " + table.condition +
                        " and ($1::text is null or ledger_id::text = $1))",
                    ledger)[0]
      .as<bool>();
}

}  // namespace

std::string find_mirror_schema(pqxx::transaction_base& transaction, const MirrorOptions& options,
                               const std::optional<LedgerId>& ledger) {
  if (options.schema) return *options.schema;
  std::optional<std::string> id;
  if (ledger) id = format_uuid(ledger->value);
  for (const OwnTable& table : {kMirrorLine, kCheckpointLines})
    for (const char* schema : {kMirrorSchema, kEarlierMirrorSchema})
      if (names_ledger(transaction, schema, table, id)) return schema;
  return kMirrorSchema;
}

std::unique_ptr<PostgresConnection> connect_to_mirror(const MirrorOptions& options,
                                                      const std::optional<LedgerId>& ledger, PostgresUse use) {
  auto connection = std::make_unique<PostgresConnection>(options.dsn, options.schema.value_or(kMirrorSchema), use);
  connection->guarded([&](pqxx::connection_base& raw) {
    pqxx::work transaction(raw);
    connection->use_schema(transaction, find_mirror_schema(transaction, options, ledger));
    transaction.commit();
  });
  return connection;
}

std::optional<std::string> find_mirror_unreachable(const MirrorOptions& options) {
  try {
    // The ledger is not open here, so its id is not known.
    const auto connection = connect_to_mirror(options, std::nullopt, PostgresUse::kWrite);
    connection->guarded([&](pqxx::connection_base& raw) {
      pqxx::read_transaction transaction(raw);
      require_free_tables(transaction, connection->schema());
    });
  } catch (const Failure& failure) {
    if (!failure.may_pass()) throw;
    return failure.what();
  }
  return std::nullopt;
}

}  // namespace runledger
