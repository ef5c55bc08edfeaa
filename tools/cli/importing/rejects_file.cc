// Opens and writes the file of rejected lines.
#include "tools/cli/importing/rejects_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace runledger {
namespace {

Descriptor open_rejects_file(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.is_open())
    throw Refused(reject("rejects.unwritable", fmt::format("cannot write {}: {}", path, std::strerror(errno))));
  struct stat status {};
  const bool is_file = ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
  if (!is_file || ::fchmod(file.get(), 0600) == 0) return file;  // An existing file keeps its old mode.
  throw Refused(
      reject("rejects.unwritable", fmt::format("cannot keep others from reading {}: {}", path, std::strerror(errno))));
}

}  // namespace

RejectsFile::RejectsFile(const std::string& path) : file_(open_rejects_file(path)), out_(file_.get(), path) {}

void RejectsFile::begin_line(std::string_view file, std::uint64_t number, const Rejection& rejection) {
  const std::string place = file.empty() ? fmt::format("{}", number) : fmt::format("{}:{}", file, number);
  out_.write(fmt::format("{}\t{}\t{}\t", place, rejection.code, rejection.detail.str()));
}

}  // namespace runledger
