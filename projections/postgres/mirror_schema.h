// Finds the schema of a database that has the tables of a ledger's mirror.
#pragma once

#include <memory>
#include <optional>
#include <pqxx/transaction_base>
#include <string>

#include "ledger/values/uuid.h"
#include "projections/postgres/connection.h"
#include "projections/postgres/mirror_options.h"

namespace runledger {

// Where a mirror is made when the options name no schema.
inline constexpr const char* kMirrorSchema = "runledger";
// Where earlier versions made it.
inline constexpr const char* kEarlierMirrorSchema = "public";

// The schema of the mirror. It is the one that the options name; or else kMirrorSchema, unless the mirror of `ledger`,
// or its signed checkpoints, are in kEarlierMirrorSchema and not in kMirrorSchema. A caller that does not know the id
// of its ledger gives none, and then any ledger's mirror counts. Changes nothing. Every command finds the schema by
// this function.
[[nodiscard]] std::string find_mirror_schema(pqxx::transaction_base& transaction, const MirrorOptions& options,
                                             const std::optional<LedgerId>& ledger);

// Connects to the database, and to the schema that find_mirror_schema() finds in it. Throws Failure as
// PostgresConnection does.
[[nodiscard]] std::unique_ptr<PostgresConnection> connect_to_mirror(const MirrorOptions& options,
                                                                    const std::optional<LedgerId>& ledger,
                                                                    PostgresUse use);

// Connects once, as a mirror would, and disconnects; changes nothing. Returns why the server cannot be reached at the
// moment, and nullopt when it was. Throws Failure for what only other options can mend: "mirror.pooler",
// "mirror.dsn_invalid", "mirror.schema_invalid", and "mirror.table_taken".
[[nodiscard]] std::optional<std::string> find_mirror_unreachable(const MirrorOptions& options);

}  // namespace runledger
