// Sends statements and polls the socket for their answers, as libpq describes for asynchronous use.
#include "engines/postgres/session.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/base/big_endian.h"
#include "ledger/base/failure.h"
#include "ledger/secrets/sanitized_text.h"

namespace runledger {
namespace {

constexpr int kBinary = 1;

std::string one_line(const std::string& text) {
  std::string line = sanitize(text).str();
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

void check_dsn(const std::string& dsn) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(dsn.c_str(), &error),
                                                                             &PQconninfoFree);
  PQfreemem(error);  // It repeats pieces of the DSN, which may be the password.
  if (options && !dsn.empty()) return;
  throw Failure(Remedy::kCorrectInput, "engine.dsn_invalid",
                "the Postgres DSN of the engine: expected keyword=value pairs or a postgresql:// URI, found neither");
}

// What stands before `dbname`, which is the DSN, are defaults; what comes after it holds in any case.
PGconn* connect(const std::string& dsn) {
  const char* keywords[] = {"application_name",
                            "connect_timeout",
                            "target_session_attrs",
                            "keepalives_idle",
                            "dbname",
                            "client_encoding",
                            nullptr};
  const char* values[] = {"runledger", "2", "read-write", "30", dsn.c_str(), "UTF8", nullptr};
  constexpr int kDbnameIsDsn = 1;
  return PQconnectdbParams(keywords, values, kDbnameIsDsn);
}

}  // namespace

std::string PostgresAnswer::sqlstate() const {
  const ExecStatusType status = PQresultStatus(result_.get());
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return {};
  const char* state = PQresultErrorField(result_.get(), PG_DIAG_SQLSTATE);
  return state == nullptr ? "XX000" : state;
}

std::string PostgresAnswer::message() const {
  return one_line(PQresultErrorMessage(result_.get()));
}

int PostgresAnswer::rows() const {
  return PQntuples(result_.get());
}

std::string_view PostgresAnswer::bytes(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::uint64_t PostgresAnswer::bigint(int row, int column) const {
  const std::string_view value = bytes(row, column);
  RUNLEDGER_ASSERT(value.size() == sizeof(std::uint64_t));
  return load_big_endian_64(value.data());
}

bool PostgresAnswer::boolean(int row, int column) const {
  const std::string_view value = bytes(row, column);
  RUNLEDGER_ASSERT(value.size() == 1);
  return value.front() != 0;
}

PostgresSession::PostgresSession(const std::string& dsn) : connection_(nullptr, &PQfinish) {
  check_dsn(dsn);
  connection_.reset(connect(dsn));
  if (PQstatus(connection_.get()) != CONNECTION_OK) lose(PQerrorMessage(connection_.get()));
  PQsetnonblocking(connection_.get(), 1);
  PQsetNoticeReceiver(
      connection_.get(), [](void* warned, const PGresult*) { *static_cast<bool*>(warned) = true; }, &warned_);
}

void PostgresSession::lose(std::string_view found) const {
  throw Failure(Remedy::kReconnect, "engine.unreachable",
                "the Postgres of the engine: expected an answer, found: " + one_line(std::string(found)));
}

void PostgresSession::wait_until_readable(Steady::time_point deadline) {
  for (;;) {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0) lose(PQerrorMessage(connection_.get()));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
    if (left.count() <= 0) lose("none in time");
    const auto events = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
    pollfd socket{.fd = PQsocket(connection_.get()), .events = events, .revents = 0};
    const int ready = ::poll(&socket, 1, static_cast<int>(left.count()));
    if (ready > 0 && (socket.revents & ~POLLOUT) != 0) return;
  }
}

PostgresAnswer PostgresSession::answer(int sent, Steady::time_point deadline) {
  if (sent == 0) lose(PQerrorMessage(connection_.get()));
  PostgresAnswer last(nullptr);
  for (bool has_answer = false;;) {
    while (PQisBusy(connection_.get()) != 0) {
      wait_until_readable(deadline);
      if (PQconsumeInput(connection_.get()) == 0) lose(PQerrorMessage(connection_.get()));
    }
    PGresult* result = PQgetResult(connection_.get());
    if (result == nullptr && has_answer) break;
    if (result == nullptr) lose("none");
    last = PostgresAnswer(result);
    has_answer = true;
  }
  // After its end by an administrator, the server's last word may be an error although the statement has had an effect.
  if (PQstatus(connection_.get()) != CONNECTION_OK) lose(PQerrorMessage(connection_.get()));
  return last;
}

void PostgresSession::prepare(const char* name, const char* statement, Steady::time_point deadline) {
  const PostgresAnswer prepared = answer(PQsendPrepare(connection_.get(), name, statement, 0, nullptr), deadline);
  const std::string sqlstate = prepared.sqlstate();
  if (sqlstate.empty()) return;
  constexpr std::string_view kUndefinedTable = "42P01";
  if (sqlstate == kUndefinedTable) {
    throw Failure(Remedy::kCorrectInput, "engine.unprepared",
                  "the Postgres of the engine: expected the tables of the shards, found none: " + prepared.message());
  }
  throw Failure(Remedy::kCallOperator, "engine.failed",
                "the Postgres of the engine: expected a statement to be accepted, found: " + prepared.message());
}

PostgresAnswer PostgresSession::execute(const char* name, const std::vector<std::string>& parameters,
                                        Steady::time_point deadline) {
  std::vector<const char*> values;
  std::vector<int> lengths;
  for (const std::string& parameter : parameters) {
    values.push_back(parameter.data());
    lengths.push_back(static_cast<int>(parameter.size()));
  }
  const std::vector<int> formats(parameters.size(), kBinary);
  const int sent = PQsendQueryPrepared(connection_.get(), name, static_cast<int>(parameters.size()), values.data(),
                                       lengths.data(), formats.data(), kBinary);
  return answer(sent, deadline);
}

PostgresAnswer PostgresSession::execute(const char* statement, Steady::time_point deadline) {
  return answer(PQsendQueryParams(connection_.get(), statement, 0, nullptr, nullptr, nullptr, nullptr, kBinary),
                deadline);
}

}  // namespace runledger
