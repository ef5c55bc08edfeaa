// Connects to Postgres, and sorts its errors by their remedies.
#include "projections/postgres/connection.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/transaction>

#include "ledger/base/failure.h"
#include "ledger/secrets/sanitized_text.h"

namespace runledger {
namespace {

// Postgres truncates longer names, so two of them could become the same one.
constexpr std::size_t kIdentifierBytesMax = 63;

struct ConnectionOption {
  std::string_view keyword;
  std::string_view value;
};

// Defaults for options that neither the DSN nor the environment sets. With them a session notices within about a minute
// that its peer has silently gone.
constexpr ConnectionOption kDefaults[] = {{"application_name", "runledger"}, {"connect_timeout", "5"},
                                          {"keepalives_idle", "30"},         {"keepalives_interval", "10"},
                                          {"keepalives_count", "3"},         {"tcp_user_timeout", "60000"}};

constexpr ConnectionOption kWriteDefaults[] = {{"target_session_attrs", "read-write"}};

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

Options parse_dsn(std::string_view dsn) {
  char* error = nullptr;
  Options options(PQconninfoParse(std::string(dsn).c_str(), &error), &PQconninfoFree);
  PQfreemem(error);  // The error is not shown: it repeats pieces of the DSN, which may be the password.
  if (!options || dsn.empty())
    throw Failure(Remedy::kCorrectInput, "mirror.dsn_invalid",
                  "the Postgres DSN: expected keyword=value pairs or a postgresql:// URI, found neither");
  return options;
}

void add_option(std::string& text, std::string_view keyword, std::string_view value) {
  text += keyword;
  text += "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  text += "' ";
}

std::string with_defaults(std::string_view dsn, PostgresUse use) {
  const Options options = parse_dsn(dsn);
  std::string text;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) {
      add_option(text, option->keyword, option->val);
      continue;
    }
    if (option->envvar != nullptr && std::getenv(option->envvar) != nullptr) continue;
    for (const ConnectionOption& preset : kDefaults)
      if (preset.keyword == option->keyword) add_option(text, preset.keyword, preset.value);
    if (use != PostgresUse::kWrite) continue;
    for (const ConnectionOption& preset : kWriteDefaults)
      if (preset.keyword == option->keyword) add_option(text, preset.keyword, preset.value);
  }
  add_option(text, "client_encoding", "UTF8");
  return text;
}

std::string password_of(std::string_view dsn) {
  const Options options = parse_dsn(dsn);
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option)
    if (std::string_view(option->keyword) == "password" && option->val != nullptr) return option->val;
  const char* from_environment = std::getenv("PGPASSWORD");
  return from_environment == nullptr ? "" : from_environment;
}

// The text as one line without the password.
std::string printable(std::string text, const std::string& password) {
  static constexpr std::string_view kRedacted = "[redacted]";
  for (std::size_t at = 0; !password.empty() && (at = text.find(password, at)) != std::string::npos;
       at += kRedacted.size())
    text.replace(at, password.size(), kRedacted);
  std::string line = sanitize(text).str();
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

constexpr const char* kUndefinedTable = "42P01";  // A SQLSTATE.

// Classes of SQLSTATE after which the same work may succeed a little later, for most of them over a new connection.
bool passes_by(std::string_view sqlstate) {
  for (const std::string_view prefix : {"08",      // Connection exceptions.
                                        "40",      // Deadlock and other rollbacks.
                                        "53",      // Out of disk, memory, connections.
                                        "55P03",   // Lock not available.
                                        "57",      // Shutting down, starting up, cancelled.
                                        "25006",   // Read-only: a standby, which may become the primary.
                                        "25P03"})  // Idle in transaction for too long.
    if (sqlstate.starts_with(prefix)) return true;
  return false;
}

HandledConnection connect(const std::string& options, const std::string& password) {
  try {
    return HandledConnection(options);
  } catch (const pqxx::failure& failure) {
    throw Failure(Remedy::kReconnect, "mirror.unreachable",
                  "Postgres: expected a connection, found: " + printable(failure.what(), password));
  }
}

int server_process(pqxx::connection_base& connection) {
  pqxx::nontransaction query(connection);
  return query.exec1("select pg_backend_pid()")[0].as<int>();
}

// Refuses a pooler that gives each transaction or statement another session of the server (pgbouncer with pool_mode =
// transaction): locks, settings and temporary tables of a session would be lost, or stay behind for other clients.
//
// Every server tells a client the number of its process on connecting, and a pooler tells one of its own making. Only
// then do we need a second connection: a pooler that keeps sessions gives each of the two a server process for as long
// as it lasts. Several questions make sure that a pooler with other clients does not look like that by chance. Nothing
// is changed in any session.
void require_own_session(pqxx::connection_base& connection, const std::string& options, const std::string& password) {
  constexpr int kQuestions = 4;
  const int first = server_process(connection);
  if (first == connection.backendpid()) return;
  HandledConnection other = connect(options, password);
  const int second = server_process(other);
  bool own = first != second;
  for (int n = 0; own && n < kQuestions; ++n)
    own = server_process(connection) == first && server_process(other) == second;
  if (own) return;
  throw Failure(Remedy::kCorrectInput, "mirror.pooler",
                "Postgres: expected a session of its own for this connection, found a pooler that shares sessions by "
                "transaction or statement: connect to the server itself, or by a pooler in session mode");
}

}  // namespace

PGconn* handle_of(const pqxx::transaction_base& transaction) {
  return static_cast<const HandledConnection&>(transaction.conn()).handle();
}

void check_dsn(std::string_view dsn) {
  (void)parse_dsn(dsn);
}

PostgresConnection::PostgresConnection(std::string_view dsn, std::string_view schema, PostgresUse use)
    : password_(password_of(dsn)), schema_(schema), raw_(connect(with_defaults(dsn, use), password_)) {
// This is the only way in libpqxx 6 to forbid silent reconnection. It is deprecated because version 7 never reconnects.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  raw_.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  if (schema.empty() || schema.size() > kIdentifierBytesMax)
    throw Failure(Remedy::kCorrectInput, "mirror.schema_invalid",
                  "the schema: expected a name of 1 to 63 bytes, found " + std::to_string(schema.size()));
  guarded([&](pqxx::connection_base&) {
    require_own_session(raw_, with_defaults(dsn, use), password_);
    configure();
  });
}

void PostgresConnection::use_schema(pqxx::transaction_base& transaction, const std::string& schema) {
  transaction.exec_params("select set_config('search_path', quote_ident($1) || ', pg_temp', false)", schema);
  schema_ = schema;
}

void PostgresConnection::configure() {
  pqxx::work transaction(raw_);
  use_schema(transaction, schema_);
  transaction.exec(
      "select set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false),"
      " set_config('default_transaction_isolation', 'read committed', false),"
      // temp_buffers has room for the staged rows of a batch. JIT is off because compiling a statement takes longer
      // than a batch.
      " set_config('temp_buffers', '32MB', false), set_config('jit', 'off', false)");
  // These limits are meant for the statements of people; a rebuild may take long.
  transaction.exec(
      "select set_config(name, '0', false) from pg_settings where name in ('statement_timeout', 'lock_timeout',"
      " 'idle_session_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')");
  // With this setting, which exists since Postgres 14, the server frees the lock soon after our process has gone, even
  // in the middle of a long statement.
  transaction.exec(
      "select set_config(name, '1s', false) from pg_settings where name = 'client_connection_check_interval'");
  transaction.commit();
}

void PostgresConnection::throw_failure() const {
  const auto lost = [&](const std::exception& error) {
    return Failure(Remedy::kReconnect, "mirror.unreachable",
                   "Postgres: expected the connection to last, found: " + printable(error.what(), password_));
  };
  try {
    throw;
  } catch (const Failure&) {
    throw;
  } catch (const pqxx::in_doubt_error& error) {
    throw lost(error);
  } catch (const pqxx::broken_connection& error) {
    throw lost(error);
  } catch (const pqxx::unique_violation& error) {
    throw Failure(Remedy::kDamageFound, "mirror.drifted",
                  "the mirror: expected the rows that were written there, found others (rebuild it): " +
                      printable(error.what(), password_));
  } catch (const pqxx::sql_error& error) {
    if (!raw_.is_open() || passes_by(error.sqlstate())) throw lost(error);
    if (error.sqlstate() == kUndefinedTable)
      throw Failure(Remedy::kReconnect, "mirror.tables_dropped",
                    "the mirror: expected its tables, found one missing: " + printable(error.what(), password_));
    throw Failure(
        Remedy::kCallOperator, "mirror.failed",
        "Postgres: expected a statement to be carried out, found it refused: " + printable(error.what(), password_));
  } catch (const pqxx::pqxx_exception& error) {
    if (!raw_.is_open()) throw lost(error.base());
    throw Failure(Remedy::kCallOperator, "mirror.failed",
                  "Postgres: expected a usable answer, found: " + printable(error.base().what(), password_));
  }
}

}  // namespace runledger
