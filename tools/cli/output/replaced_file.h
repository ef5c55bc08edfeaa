// A file that appears whole or not at all.
#pragma once

#include <filesystem>
#include <string>

#include "ledger/base/descriptor.h"
#include "tools/cli/output/output.h"

namespace runledger {

// Writes a file without a name, which takes the place of `path` on commit(), with the owner and mode of the file that
// is there; a new one only its owner can read. A symbolic link is followed. What is no regular file (a pipe, a device)
// is written to as it is. Without commit() nothing remains, also of a process that was killed; but where the file
// system knows no files without a name (O_TMPFILE: NFS, for one), a PATH.partial-PROCESS does. Throws Failure
// "output.failed", which names `path`.
class ReplacedFile {
 public:
  explicit ReplacedFile(const std::string& path);
  ~ReplacedFile();
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;

  [[nodiscard]] Output& out() { return out_; }
  // Durable once it returns.
  void commit();

 private:
  Descriptor open();
  void take_over_access() const;

  std::string name_;            // As it was typed.
  std::filesystem::path path_;  // What it leads to.
  bool is_special_;             // No regular file.
  std::filesystem::path partial_;
  bool has_name_ = false;  // What is written is `partial_`.
  Descriptor file_;
  Output out_;
};

}  // namespace runledger
