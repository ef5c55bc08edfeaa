// Names the families, and turns errors of the engine into failures.
#include "ledger/log/store/families.h"

#include <fmt/format.h>
#include <rocksdb/status.h>

#include <algorithm>
#include <array>

#include "ledger/base/damage.h"
#include "ledger/base/failure.h"

namespace runledger {

bool is_retired_family(std::string_view name) {
  constexpr std::array<std::string_view, 2> kRetired = {"rows", "row_indexes"};
  return std::find(kRetired.begin(), kRetired.end(), name) != kRetired.end();
}

void refuse_newer_families(const std::vector<std::string>& found, const std::string& path) {
  for (const std::string& name : found) {
    if (parse_word<Family>(name) || is_retired_family(name)) continue;
    throw Failure(Remedy::kCallOperator, "ledger.format_newer",
                  fmt::format("expected the families of a ledger that this program knows, found the unknown family {} "
                              "in {}: use a newer version of this program",
                              name, path));
  }
}

void check(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return;
  const std::string what = fmt::format("{}: {}", doing, status.ToString());
  if (status.IsCorruption()) throw_damaged(what);
  throw Failure(Remedy::kCallOperator, "storage.failed", what);
}

}  // namespace runledger
