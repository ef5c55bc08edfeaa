// Keeps lines of an import outside memory until they are asked again.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "tools/cli/importing/window.h"

namespace runledger {

// Lines come out in the order in which they went in; all go in before the first comes out. They lie in a file without a
// name in the directory for temporary files, which only this process can read. Throws Failure "output.failed" when the
// file cannot be made, written or read. Used by one thread.
class LineSpool {
 public:
  struct Entry {
    PendingLine line;
    std::string code;  // That it was rejected with.
  };

  void add(const Entry& entry);
  [[nodiscard]] std::optional<Entry> next();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void write(const void* bytes, std::size_t count);
  void read(void* bytes, std::size_t count);

  std::unique_ptr<std::FILE, Close> file_;  // Null until the first line.
  std::size_t waiting_ = 0;                 // Lines that have not come out.
  bool reading_ = false;
};

}  // namespace runledger
