// A file that appears completely written or not at all.
#pragma once

#include <filesystem>
#include <string>

#include "ledger/base/descriptor.h"
#include "tools/cli/output/output.h"

namespace runledger {

// Writes a nameless file, which commit() puts in the place of `path`. It takes over the owner and mode of the file that
// it replaces; a new file can only be read by its owner. A symbolic link is followed. A special file (a pipe, a device)
// is not replaced but written to directly. Without commit() nothing remains, even if the process is killed, except on
// file systems that have no nameless files (no O_TMPFILE, as on NFS): there a killed process leaves the file
// PATH.partial-PROCESS. Every function throws Failure "output.failed", which names `path`. Used by one thread.
class ReplacedFile {
 public:
  explicit ReplacedFile(const std::string& path);
  ~ReplacedFile();
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;

  [[nodiscard]] Output& out() { return out_; }
  // When it returns, the file is in its place and durable. Call it at most once.
  void commit();

 private:
  Descriptor open();
  void take_over_access() const;

  std::string name_;            // The path as it was typed.
  std::filesystem::path path_;  // The path with symbolic links followed.
  bool is_special_;             // `path_` exists and is not a regular file.
  std::filesystem::path partial_;
  bool has_name_ = false;  // The file that is written has the name `partial_`.
  Descriptor file_;
  Output out_;
};

}  // namespace runledger
