// A file of evidence, read line by line, however many events it has.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/base/descriptor.h"

namespace runledger {

// Holds one line of at most kLineBytesMax bytes. Used by one thread.
class EvidenceInput {
 public:
  static constexpr std::size_t kLineBytesMax = std::size_t{2} * 1024 * 1024;  // An event has at most 1 MiB.

  // Opens `path`; "-" is standard input. Throws Refused "proof.unreadable", as all functions do.
  explicit EvidenceInput(std::string path);

  // The first line without its newline; empty when there is none. To be called before the others.
  [[nodiscard]] std::string first_line();
  // Returns the next line without its newline, from the first one on; nullopt at the end, and for a line that has no
  // newline or is too long. The view is valid until the next call.
  [[nodiscard]] std::optional<std::string_view> next();
  // Returns everything instead, from the first line on. Code "proof.too_large" when it has more than `bytes_max` bytes.
  [[nodiscard]] std::string whole(std::size_t bytes_max);

 private:
  // Reads more. Returns false at the end.
  bool read_more();

  std::string path_;
  Descriptor file_;
  std::string read_;      // What was read and is not used up.
  std::size_t used_ = 0;  // Of `read_`.
};

}  // namespace runledger
