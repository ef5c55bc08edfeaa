// Reads and raises RLIMIT_NOFILE.
#include "tools/cli/process/open_files.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <limits>

#include "ledger/base/failure.h"

namespace runledger {
namespace {

constexpr int kKeptMax = 512;  // Enough for tens of gigabytes of growth, in tables of 64 MiB and more.

}  // namespace

int raise_open_files_max() {
  rlimit limit{};
  (void)::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  // If the system refuses, the limit stays as it was, which may still be enough.
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  const auto most = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<int>::max()));
  if (most < kOpenFilesMin)
    throw Failure(Remedy::kCorrectInput, "files.too_few",
                  fmt::format("expected a limit of at least {} open files, found {}", kOpenFilesMin, most));
  return most;
}

int files_for_callers(int open_files_max) {
  return open_files_max - std::min(kKeptMax, open_files_max / 2);
}

}  // namespace runledger
