// A directory of its own for a benchmark, which is removed at the end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "ledger/base/assert.h"

namespace runledger::workload {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "runledger-bench-XXXXXX").string();
    RUNLEDGER_ASSERT(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace runledger::workload
