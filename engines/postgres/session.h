// A session with Postgres whose statements end by a deadline, and which notices every warning.
//
// It uses libpq itself, because libpqxx waits for an answer for as long as it takes: a commit that waits for a standby
// waits for ever when there is none, and no timeout of the server ends that.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace runledger {

// The answer to a statement.
class PostgresAnswer {
 public:
  explicit PostgresAnswer(PGresult* result) : result_(result, &PQclear) {}

  // Empty when the statement was carried out. Otherwise it had no effect.
  [[nodiscard]] std::string sqlstate() const;
  [[nodiscard]] std::string message() const;  // One line.

  [[nodiscard]] int rows() const;
  // Columns are read in the server's binary format. The column must have the type, and no null.
  [[nodiscard]] std::uint64_t bigint(int row, int column) const;
  [[nodiscard]] bool boolean(int row, int column) const;
  [[nodiscard]] std::string_view bytes(int row, int column) const;  // Of a bytea or a text; valid as long as this.

 private:
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

// Throws Failure "engine.unreachable" (kReconnect) when the connection is lost or the deadline passes. It is then
// unknown whether the statement has had an effect, and the session must be dropped. For one thread.
class PostgresSession {
 public:
  using Steady = std::chrono::steady_clock;

  // Connects to a server that can be written to. Each host of the DSN has a few seconds. `dsn` is never shown. Throws
  // "engine.dsn_invalid" (kCorrectInput) when it is none.
  explicit PostgresSession(const std::string& dsn);
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;

  // Prepares a statement under a name, which it keeps as long as the session.
  void prepare(const char* name, const char* statement, Steady::time_point deadline);
  // Carries out a prepared statement. The parameters are passed in binary format: a number as its big-endian bytes.
  [[nodiscard]] PostgresAnswer execute(const char* name, const std::vector<std::string>& parameters,
                                       Steady::time_point deadline);
  // Carries out a statement without parameters.
  [[nodiscard]] PostgresAnswer execute(const char* statement, Steady::time_point deadline);

  // Whether the server has sent a warning since the session began, such as that it did not wait for a standby.
  [[nodiscard]] bool was_warned() const { return warned_; }

 private:
  [[nodiscard]] PostgresAnswer answer(int sent, Steady::time_point deadline);
  void wait_until_readable(Steady::time_point deadline);
  [[noreturn]] void lose(std::string_view found) const;

  bool warned_ = false;
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

}  // namespace runledger
