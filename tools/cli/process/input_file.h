// Opens a file that the user named as an input.
#pragma once

#include <string>

#include "ledger/base/descriptor.h"

namespace runledger {

// Opens `path` for reading; "-" is standard input. If the system refuses, the returned descriptor is not open and errno
// says why.
[[nodiscard]] Descriptor open_to_read(const std::string& path);

}  // namespace runledger
