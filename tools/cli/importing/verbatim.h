// Imports the events of an export unchanged.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/rules/identity.h"
#include "ledger/sealing/seal_key_file.h"
#include "tools/cli/context.h"
#include "tools/cli/importing/line_reader.h"
#include "tools/cli/importing/report.h"

namespace runledger {

// How an export begins: with the identity key and the keys of tenants, or with its first event. The line was read
// already, and is valid until its reader reads on.
struct VerbatimStart {
  std::optional<IdentityKey> key;
  std::vector<TenantKey> seal_keys;
  std::optional<Line> first;
};

// Reads the beginning of the first file. Throws RefusedWith "identity_key.malformed" and "seal_key.malformed".
[[nodiscard]] VerbatimStart read_start(LineReader& reader);

// Prepares the ledger in the directory for an export that begins so: an empty ledger takes over the identity key, and a
// sealed one the keys of tenants, except for those that its own events have erased. Without keys it warns of what is
// lost, and with keys of tenants of what they put at risk. Throws RefusedWith "identity_key.differs" when a ledger that
// has events has another key, "seal.not_expected" when it seals nothing, "seal.keys_missing" when it has lost its keys,
// and "seal_key.differs" when it has another key with the id of one; and as Store does.
void prepare_verbatim(const Context& context, const VerbatimStart& start);

// Appends the events of `files` in order, at most `batch` in one commit. An event that the ledger already holds counts
// as repeated. The first event that differs from the one in the ledger, or cannot follow the last one, ends the import
// with its code, file and line. The events before it stay in the ledger and are counted in `report`, so that the same
// import can be repeated and goes on from there. Requires as many readers as files, and a batch of at least 1. Throws
// RefusedWith, and Failure "outcome.unknown".
void import_verbatim(Ledger& ledger, const std::vector<std::string>& files,
                     const std::vector<std::unique_ptr<LineReader>>& readers, VerbatimStart start, std::size_t batch,
                     const Context& context, ImportReport& report);

}  // namespace runledger
