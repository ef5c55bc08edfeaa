// The keys are destroyed last: as long as one is there, the erasure is known to be incomplete.
#include "projections/rows/erasure.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "ledger/base/failure.h"
#include "ledger/log/store/ledger_files.h"

namespace runledger {
namespace {

// Copies share the tables of the rows through hard links.
void refuse_copies(const Store& store) {
  std::error_code error;
  const std::filesystem::path copies = store.directory() / kCopiesDirectory;
  if (std::filesystem::exists(copies, error) && !std::filesystem::is_empty(copies, error))
    throw Failure(Remedy::kRetryLater, "erase.in_use",
                  fmt::format("expected no copy of the ledger in {}, found one that a command uses", copies.string()));
}

}  // namespace

std::size_t complete_erasures(Store& store, const RowStore& rows) {
  SealKeys* const keys = store.seal_keys();
  if (keys == nullptr) return 0;
  const std::size_t retired = keys->retired().size();
  if (retired == 0) return 0;
  refuse_copies(store);
  rows.rewrite_tables();
  refuse_copies(store);  // One that was made in between may have tables from before.
  keys->destroy_retired();
  return retired;
}

}  // namespace runledger
