// One session with the Postgres that holds the mirror, and the meaning of its errors.
#pragma once

#include <libpq-fe.h>

#include <pqxx/connection>
#include <pqxx/transaction_base>
#include <string>
#include <string_view>

namespace runledger {

// Checks that `dsn` is a DSN, without connecting. Throws Failure "mirror.dsn_invalid".
void check_dsn(std::string_view dsn);

// The purpose of a session. When a DSN names several hosts, or the server is a standby, a session for writing accepts
// only a server that can be written to, unless the DSN says otherwise (target_session_attrs).
enum class PostgresUse { kRead, kWrite };

// Remembers the handle of libpq, which libpqxx keeps to itself.
class HandlePolicy : public pqxx::connect_direct {
 public:
  using connect_direct::connect_direct;
  pqxx::connectionpolicy::handle do_startconnect(handle old) override {
    return handle_ = pqxx::connect_direct::do_startconnect(old);
  }
  [[nodiscard]] PGconn* raw() const { return handle_; }

 private:
  handle handle_ = nullptr;
};

// A connection of libpqxx whose handle is known, because libpqxx has no COPY in binary format (copy.h). It is built as
// libpqxx builds its own kinds of connection.
class HandledConnection : public pqxx::connection_base {
 public:
  explicit HandledConnection(const std::string& options) : connection_base(policy_), policy_(options) { init(); }
  ~HandledConnection() { close(); }
  HandledConnection(const HandledConnection&) = delete;
  HandledConnection& operator=(const HandledConnection&) = delete;

  [[nodiscard]] PGconn* handle() const { return policy_.raw(); }

 private:
  HandlePolicy policy_;
};

// The handle of a transaction's connection, which must be that of a PostgresConnection.
[[nodiscard]] PGconn* handle_of(const pqxx::transaction_base& transaction);

// Never reopens itself: a lost connection stays lost, so that no statement can run outside its transaction by accident.
// Finds tables in `schema` first, then its own temporary ones. For one thread.
class PostgresConnection {
 public:
  // Connects and sets up the session. `dsn` is never logged, and the password is removed from messages. Throws Failure
  // "mirror.dsn_invalid" and "mirror.schema_invalid" (remedy kCorrectInput), "mirror.unreachable" (kReconnect), and
  // "mirror.pooler" (kCorrectInput): a pooler that shares sessions is refused before anything is changed in one.
  PostgresConnection(std::string_view dsn, std::string_view schema, PostgresUse use);
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // The schema in which it finds tables.
  [[nodiscard]] const std::string& schema() const { return schema_; }
  // Finds tables in `schema` from now on, if the transaction, which is one of this connection, commits.
  void use_schema(pqxx::transaction_base& transaction, const std::string& schema);

  // Returns work(pqxx::connection_base&). Exceptions of libpqxx become a Failure:
  //   "mirror.unreachable" (kReconnect)   The connection was lost, perhaps during a COMMIT, or the server is short of
  //                                       something or accepts no writes for now: connect again, read the checkpoint,
  //                                       and continue.
  //   "mirror.drifted" (kDamageFound)     A row that only the projector may write conflicts with a correct one.
  //   "mirror.tables_dropped" (kReconnect) A table is not there: connecting makes those of the mirror again.
  //   "mirror.failed" (kCallOperator)     Any other error.
  template <class Work>
  auto guarded(Work work) {
    try {
      return work(raw_);
    } catch (const std::exception&) {
      throw_failure();
    }
  }

 private:
  [[noreturn]] void throw_failure() const;
  void configure();

  std::string password_;  // Kept to remove it from messages.
  std::string schema_;
  HandledConnection raw_;
};

}  // namespace runledger
