// Prints the broken invariant and its place in the source, then aborts the process.
#include "ledger/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace runledger {

void assertion_failed(const char* expression, const char* file, int line) {
  (void)std::fprintf(stderr, "runledger: bug: assertion failed: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace runledger
