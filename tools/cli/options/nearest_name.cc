// Compares with the usual table of distances, of which two rows are kept.
#include "tools/cli/options/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace runledger {
namespace {

std::size_t distance_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(above.begin(), above.end(), 0U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j)
      row[j + 1] = std::min({above[j + 1] + 1, row[j] + 1, above[j] + (a[i] == b[j] ? 0U : 1U)});
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view typed, const Names& names) {
  const std::size_t distance_max = (typed.size() + 2) / 3;
  std::size_t best = distance_max + 1;
  std::optional<std::string> nearest;
  for (const std::string& name : names) {
    // The lengths alone are that far apart. The test also keeps a name of a megabyte from costing time.
    if (std::max(typed.size(), name.size()) - std::min(typed.size(), name.size()) > distance_max) continue;
    const std::size_t distance = distance_between(typed, name);
    if (distance >= best) continue;
    best = distance;
    nearest = name;
  }
  return nearest;
}

}  // namespace runledger
