// COPY in Postgres' binary format, which libpqxx does not have. It spares both sides the text of times, numbers and
// ids.
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <pqxx/transaction_base>
#include <string>
#include <string_view>

namespace runledger {

// A tuple in the binary format (https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.4), written from the
// first field to the last. Keeps its memory from one tuple to the next.
class CopyTuple {
 public:
  void begin(std::size_t fields);

  void null();
  void bytes(std::string_view value);  // Of uuid and text, whose binary form are their bytes.
  void boolean(bool value);
  void int32(std::uint32_t value);
  void int64(std::uint64_t value);
  void time(std::int64_t unix_us);    // A timestamptz.
  void jsonb(std::string_view json);  // JSON text.

  [[nodiscard]] std::string_view view() const { return bytes_; }

 private:
  void number(std::uint64_t value, std::size_t size);

  std::string bytes_;
};

// Writes tuples by a statement "copy … from stdin (format binary)". Nothing else may happen in the transaction between
// construction and finish(); without finish() the transaction must be abandoned. Throws as libpqxx does. `transaction`
// must be of a PostgresConnection.
class CopyIn {
 public:
  CopyIn(pqxx::transaction_base& transaction, const std::string& statement);
  ~CopyIn();
  CopyIn(const CopyIn&) = delete;
  CopyIn& operator=(const CopyIn&) = delete;

  void add(std::string_view tuples);  // Any number of them, in the form of CopyTuple::view().
  void finish();

 private:
  void send();

  PGconn* handle_;
  std::string statement_;
  std::string buffer_;
  bool open_ = true;
};

// Reads tuples by a statement "copy … to stdout (format binary)". Nothing else may happen in the transaction until
// next() has returned nullopt or the object is gone; when it goes earlier, the statement is cancelled and the
// transaction must be abandoned. Throws as libpqxx does. `transaction` must be of a PostgresConnection.
class CopyOut {
 public:
  CopyOut(pqxx::transaction_base& transaction, const std::string& statement);
  ~CopyOut();
  CopyOut(const CopyOut&) = delete;
  CopyOut& operator=(const CopyOut&) = delete;

  // The next tuple, in the form of CopyTuple::view(); it is valid until the next call. Nullopt after the last one.
  [[nodiscard]] std::optional<std::string_view> next();

 private:
  PGconn* handle_;
  std::string statement_;
  std::unique_ptr<char, decltype(&PQfreemem)> message_{nullptr, &PQfreemem};
  bool first_ = true;
  bool open_ = true;
};

}  // namespace runledger
