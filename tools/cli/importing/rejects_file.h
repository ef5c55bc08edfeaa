// The file that keeps the rejected lines of an import.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/base/descriptor.h"
#include "ledger/values/rejection.h"
#include "tools/cli/output/output.h"

namespace runledger {

// One line for each rejected line: its number, the code, the reason and its text, unchanged, separated by tabs. The
// reason has neither tabs nor line ends. Only the owner of the file can read it, because a line may have been rejected
// for holding a secret. Throws as Output does.
class RejectsFile {
 public:
  // Makes or empties the file. Refuses with "rejects.unwritable".
  explicit RejectsFile(const std::string& path);

  // `file` is empty when the import has only one file. Then text() and end_line() follow.
  void begin_line(std::string_view file, std::uint64_t number, const Rejection& rejection);
  void text(std::string_view piece) { out_.write(piece); }
  void end_line() { out_.line(""); }
  void flush() { out_.flush(); }

 private:
  Descriptor file_;
  Output out_;
};

}  // namespace runledger
