// A file that the user has named to be read.
#pragma once

#include <string>

#include "ledger/base/descriptor.h"

namespace runledger {

// "-" is standard input. Where the system refuses, what comes back is not open, and errno says why.
[[nodiscard]] Descriptor open_to_read(const std::string& path);

}  // namespace runledger
