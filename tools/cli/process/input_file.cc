// Duplicates standard input, so that the caller closes every input in the same way.
#include "tools/cli/process/input_file.h"

#include <fcntl.h>
#include <unistd.h>

namespace runledger {

Descriptor open_to_read(const std::string& path) {
  return Descriptor(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

}  // namespace runledger
