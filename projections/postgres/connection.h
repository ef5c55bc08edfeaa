// One session with the Postgres that holds the mirror, and what its errors mean to us.
#pragma once

#include <pqxx/connection>
#include <string>
#include <string_view>
#include <utility>

namespace runledger {

// Whether it is a DSN at all, without connecting. Throws Failure "mirror.dsn_invalid".
void check_dsn(std::string_view dsn);

// What a session is for. Of several hosts in a DSN, and of a server that is a standby for now, one that writes takes
// none but the server that can be written to, unless the DSN says otherwise (target_session_attrs).
enum class PostgresUse { kRead, kWrite };

// Never reopens itself: a lost connection is lost, so that no statement can run outside its transaction by accident.
// Sees `schema` first, then its own temporary tables. For one thread.
class PostgresConnection {
 public:
  // Throws Failure: "mirror.dsn_invalid", "mirror.schema_invalid" (remedy kCorrectInput); "mirror.unreachable"
  // (kReconnect).
  PostgresConnection(std::string_view dsn, std::string_view schema, PostgresUse use);
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // Gives back work(pqxx::connection&). What libpqxx throws becomes a Failure:
  //   "mirror.unreachable" (kReconnect)   the connection was lost, also during a COMMIT, or the server is short of
  //                                       something or takes no writes for now: connect again, read where things
  //                                       stand, and go on
  //   "mirror.drifted" (kDamageFound)     a row that nobody but us may write stands in the way of a right one
  //   "mirror.failed" (kCallOperator)     all else
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
  void configure(std::string_view schema);

  std::string password_;  // To keep it out of messages.
  pqxx::connection raw_;
};

}  // namespace runledger
