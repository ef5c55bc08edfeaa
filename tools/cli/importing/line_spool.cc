// Writes each line as a header of fixed size, its code and its text.
#include "tools/cli/importing/line_spool.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"

namespace runledger {
namespace {

struct SpooledHeader {
  std::size_t file;
  std::uint64_t number;
  LineKind kind;
  std::size_t code_bytes;
  std::size_t raw_bytes;
};

[[noreturn]] void throw_spool_failed() {
  throw Failure(
      Remedy::kCallOperator, "output.failed",
      fmt::format("expected to keep the rejected lines in a temporary file, found: {}", std::strerror(errno)));
}

}  // namespace

void LineSpool::add(const Entry& entry) {
  RUNLEDGER_ASSERT(!reading_);
  if (!file_) file_.reset(std::tmpfile());
  if (!file_) throw_spool_failed();
  const SpooledHeader header{.file = entry.line.file,
                             .number = entry.line.number,
                             .kind = entry.line.kind,
                             .code_bytes = entry.code.size(),
                             .raw_bytes = entry.line.raw.size()};
  write(&header, sizeof(header));
  write(entry.code.data(), entry.code.size());
  write(entry.line.raw.data(), entry.line.raw.size());
  ++waiting_;
}

std::optional<LineSpool::Entry> LineSpool::next() {
  if (waiting_ == 0) return std::nullopt;
  if (!reading_ && (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0)) throw_spool_failed();
  reading_ = true;
  SpooledHeader header{};
  read(&header, sizeof(header));
  Entry entry{.line = {.file = header.file,
                       .number = header.number,
                       .kind = header.kind,
                       .raw = std::string(header.raw_bytes, '\0')},
              .code = std::string(header.code_bytes, '\0')};
  read(entry.code.data(), entry.code.size());
  read(entry.line.raw.data(), entry.line.raw.size());
  --waiting_;
  return entry;
}

void LineSpool::write(const void* bytes, std::size_t count) {
  if (std::fwrite(bytes, 1, count, file_.get()) != count) throw_spool_failed();
}

void LineSpool::read(void* bytes, std::size_t count) {
  if (std::fread(bytes, 1, count, file_.get()) != count) throw_spool_failed();
}

}  // namespace runledger
