// A file that appears whole or not at all.
#pragma once

#include <filesystem>
#include <string>

#include "tools/cli/output.h"

namespace runledger {

// Writes beside `path` and takes its place on commit(); a symbolic link is followed. What is no regular file (a pipe, a
// device) is written to as it is. Without commit() nothing remains.
// Throws Failure "output.failed".
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
  std::filesystem::path path_;
  std::filesystem::path written_;  // The same as path_ when that is no regular file.
  int descriptor_;
  Output out_;
};

}  // namespace runledger
