// Writes and reads the messages of COPY by libpq itself.
#include "projections/postgres/copy.h"

#include <algorithm>
#include <array>
#include <pqxx/except>
#include <pqxx/result>

#include "projections/postgres/connection.h"

namespace runledger {
namespace {

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view kTrailer("\377\377", 2);
constexpr std::size_t kBufferBytes = 64U << 10U;
constexpr std::int64_t kPostgresEpochUs = 946'684'800'000'000;  // 2000-01-01T00:00:00Z

[[noreturn]] void throw_lost(PGconn* handle) {
  throw pqxx::broken_connection(PQerrorMessage(handle));
}

// Throws what libpqxx throws for the same errors, as far as callers tell them apart.
[[noreturn]] void throw_refused(PGconn* handle, const PGresult* result, const std::string& statement) {
  if (PQstatus(handle) != CONNECTION_OK) throw_lost(handle);
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string message = PQresultErrorMessage(result);
  if (state != nullptr && std::string_view(state) == "23505") throw pqxx::unique_violation(message, statement, state);
  throw pqxx::sql_error(message, statement, state);
}

// Begins a statement of COPY. By way of the transaction, which may have to begin first and translates errors.
PGconn* start(pqxx::transaction_base& transaction, const std::string& statement) {
  transaction.exec(statement);
  PGconn* handle = handle_of(transaction);
  if (PQtransactionStatus(handle) != PQTRANS_ACTIVE) throw_lost(handle);
  return handle;
}

// Takes the results of a statement of COPY that has ended.
void take_results(PGconn* handle, const std::string& statement) {
  Result failed(nullptr, &PQclear);
  while (PGresult* result = PQgetResult(handle)) {
    Result taken(result, &PQclear);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && !failed) failed = std::move(taken);
    if (PQstatus(handle) != CONNECTION_OK) break;
  }
  if (failed) throw_refused(handle, failed.get(), statement);
  if (PQstatus(handle) != CONNECTION_OK) throw_lost(handle);
}

void drop_results(PGconn* handle) noexcept {
  while (PQstatus(handle) == CONNECTION_OK) {
    PGresult* result = PQgetResult(handle);
    if (result == nullptr) return;
    PQclear(result);
  }
}

}  // namespace

void CopyTuple::begin(std::size_t fields) {
  bytes_.clear();
  number(fields, 2);
}

void CopyTuple::null() {
  number(0xffff'ffffU, 4);
}

void CopyTuple::bytes(std::string_view value) {
  number(value.size(), 4);
  bytes_ += value;
}

void CopyTuple::boolean(bool value) {
  number(1, 4);
  number(value ? 1 : 0, 1);
}

void CopyTuple::int32(std::uint32_t value) {
  number(4, 4);
  number(value, 4);
}

void CopyTuple::int64(std::uint64_t value) {
  number(8, 4);
  number(value, 8);
}

void CopyTuple::time(std::int64_t unix_us) {
  int64(static_cast<std::uint64_t>(unix_us - kPostgresEpochUs));
}

void CopyTuple::jsonb(std::string_view json) {
  number(json.size() + 1, 4);
  bytes_ += '\1';  // The version of the format.
  bytes_ += json;
}

void CopyTuple::number(std::uint64_t value, std::size_t size) {
  std::array<char, 8> bytes{};
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(value >> (8 * (size - 1 - i)));
  bytes_.append(bytes.data(), size);
}

CopyIn::CopyIn(pqxx::transaction_base& transaction, const std::string& statement)
    : handle_(start(transaction, statement)), statement_(statement), buffer_(kHeader) {}

CopyIn::~CopyIn() {
  if (!open_) return;
  if (PQputCopyEnd(handle_, "abandoned") > 0) drop_results(handle_);
}

void CopyIn::add(std::string_view tuples) {
  buffer_ += tuples;
  if (buffer_.size() >= kBufferBytes) send();
}

void CopyIn::send() {
  constexpr std::size_t kMessageBytesMax = 1U << 30U;
  for (std::string_view rest = buffer_; !rest.empty(); rest.remove_prefix(std::min(rest.size(), kMessageBytesMax))) {
    const auto size = static_cast<int>(std::min(rest.size(), kMessageBytesMax));
    if (PQputCopyData(handle_, rest.data(), size) <= 0) throw_lost(handle_);
  }
  buffer_.clear();
}

void CopyIn::finish() {
  buffer_ += kTrailer;
  send();
  open_ = false;
  if (PQputCopyEnd(handle_, nullptr) <= 0) throw_lost(handle_);
  take_results(handle_, statement_);
}

CopyOut::CopyOut(pqxx::transaction_base& transaction, const std::string& statement)
    : handle_(start(transaction, statement)), statement_(statement) {}

CopyOut::~CopyOut() {
  if (!open_) return;
  std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel(PQgetCancel(handle_), &PQfreeCancel);
  std::array<char, 256> error{};
  if (cancel) (void)PQcancel(cancel.get(), error.data(), static_cast<int>(error.size()));
  // As long as rows are left, PQgetResult() only says so.
  for (char* message = nullptr; PQgetCopyData(handle_, &message, 0) > 0;) PQfreemem(message);
  drop_results(handle_);
}

std::optional<std::string_view> CopyOut::next() {
  if (!open_) return std::nullopt;
  char* message = nullptr;
  const int size = PQgetCopyData(handle_, &message, 0);
  message_.reset(message);
  if (size == -2) throw_lost(handle_);
  if (size == -1) {
    open_ = false;
    take_results(handle_, statement_);
    return std::nullopt;
  }
  std::string_view tuple(message, static_cast<std::size_t>(size));
  // The header comes in one message with the first tuple.
  if (first_) tuple.remove_prefix(std::min(kHeader.size(), tuple.size()));
  first_ = false;
  return tuple == kTrailer || tuple.empty() ? next() : std::optional(tuple);
}

}  // namespace runledger
