// The mirror's tables: made and brought up to date by schema/postgres, and checked for what somebody took away.
#pragma once

#include <pqxx/connection>
#include <pqxx/transaction_base>
#include <string>
#include <string_view>
#include <vector>

namespace runledger {

// Makes it when it is missing. Two that do so at the same time meet: requires a lock of the caller's.
void make_schema(pqxx::transaction_base& transaction, std::string_view schema);

// Makes `schema` when it is missing and applies the files that have not been applied, each in a transaction of its own.
// Requires the mirror's lock. Throws Failure "mirror.newer_schema" when a newer program has been here, and
// "mirror.table_taken", with nothing applied, when the name of a table that is shared with adapters is somebody else's.
void migrate(pqxx::connection& connection, std::string_view schema);

// The columns, checks and indexes of the newest migration that are not there, in words. Empty: all are.
[[nodiscard]] std::vector<std::string> missing_schema_parts(pqxx::transaction_base& transaction);

}  // namespace runledger
