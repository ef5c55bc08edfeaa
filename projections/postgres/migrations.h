// Creates and upgrades the tables of the mirror with the files of schema/postgres, and finds parts that someone
// removed.
#pragma once

#include <pqxx/connection>
#include <pqxx/transaction_base>
#include <string>
#include <string_view>
#include <vector>

namespace runledger {

// Creates `schema` when it is missing. The caller must hold a lock, because two transactions that create it at the same
// time conflict.
void make_schema(pqxx::transaction_base& transaction, std::string_view schema);

// Checks that the names of the tables that migrate() would create are free: no table of another application has one.
// Changes nothing. Throws Failure "mirror.table_taken".
void require_free_tables(pqxx::transaction_base& transaction, std::string_view schema);

// Whether tables of a mirror were dropped while others of it are still there, so that only making all of them again
// helps.
[[nodiscard]] bool has_lost_tables(pqxx::transaction_base& transaction);

// Whether everything is there that migrate() makes.
[[nodiscard]] bool has_all_tables(pqxx::transaction_base& transaction);

// Drops what is left of such a mirror, except for the tables that are not derived from the log: migrate() then makes
// all others again. Requires that their rows are known to be of this ledger, or that there are none. Throws as libpqxx
// does when something of the user's depends on one of them.
void drop_derived_tables(pqxx::transaction_base& transaction);

// Creates `schema` when it is missing and applies the files that have not been applied yet, each in a transaction of
// its own. What was dropped and can be made by itself is made again: tables that are not derived, and the view.
// Requires the lock of the mirror, require_free_tables(), and that has_lost_tables() is false. Throws Failure
// "mirror.newer_schema" when a newer program has migrated the tables; nothing was applied then.
void migrate(pqxx::connection_base& connection, std::string_view schema);

// The tables, columns, checks and indexes of the newest migration that are missing, in words. Empty when all exist.
[[nodiscard]] std::vector<std::string> missing_schema_parts(pqxx::transaction_base& transaction);

}  // namespace runledger
