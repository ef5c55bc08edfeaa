// Reads a file block by block, and inflates its gzip members.
//
// The file's first bytes decide whether it is plain. After a gzip member, only three things are sound: the end of the
// file, zero bytes, and another member. zlib's own reader of gzip files takes everything else after a member for
// garbage and ends without a word, so a damaged header would lose all the lines after it; here it is damage.
//
// The first problem is kept in `damage`, and ends the stream after the bytes before it.
#include "tools/cli/importing/inflated_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <string_view>
#include <vector>

#include "ledger/base/failure.h"
#include "tools/cli/process/input_file.h"

namespace runledger {
namespace {

constexpr std::size_t kFileBlockBytes = 256 * 1024;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr int kGzipWindowBits = 15 + 16;  // The largest window, and gzip's header and trailer around the data.

Failure unreadable(const std::string& path) {
  return Failure(Remedy::kCorrectInput, "journal.unreadable",
                 fmt::format("expected to read {}, found: {}", path, std::strerror(errno)));
}

}  // namespace

struct InflatedFile::Impl {
  enum class Part : std::uint8_t { kPlain, kMember, kBetween };

  Descriptor file;
  std::uint64_t size = 0;
  std::uint64_t position = 0;  // Up to the end of the block.
  std::vector<char> block = std::vector<char>(kFileBlockBytes);
  std::string_view unused{block.data(), 0};  // The part of `block` that has not been used.
  bool at_end = false;                       // The file has no more bytes than those of the block.
  Part part = Part::kPlain;
  std::uint64_t members = 0;
  z_stream stream{};
  std::optional<std::string> damage;

  Impl() {
    if (::inflateInit2(&stream, kGzipWindowBits) != Z_OK) throw std::bad_alloc();
  }
  ~Impl() { ::inflateEnd(&stream); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  bool fill(std::size_t wanted);
  bool begin_member();
  std::size_t inflate_into(char* out, std::size_t bytes_max);
  std::size_t copy_into(char* out, std::size_t bytes_max);
  void fail(std::string_view what);
};

void InflatedFile::Impl::fail(std::string_view what) {
  const std::string where = members == 0 ? "" : fmt::format("in gzip member {}, ", members);
  damage = fmt::format("{}at byte {}: {}", where, position - unused.size(), what);
}

// Reads on until `unused` has that many bytes. Returns false when the file ends before.
bool InflatedFile::Impl::fill(std::size_t wanted) {
  while (unused.size() < wanted && !at_end) {
    std::memmove(block.data(), unused.data(), unused.size());
    const ssize_t count = ::read(file.get(), block.data() + unused.size(), block.size() - unused.size());
    if (count < 0 && errno == EINTR) continue;
    const std::size_t added = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    position += added;
    unused = {block.data(), unused.size() + added};
    at_end = count <= 0;
    if (count < 0) fail(std::strerror(errno));
  }
  return unused.size() >= wanted;
}

// Between members: returns true at the beginning of the next one, false at the end of the file or at damage.
bool InflatedFile::Impl::begin_member() {
  while (fill(1)) {
    const std::size_t zeros = std::min(unused.find_first_not_of('\0'), unused.size());
    unused.remove_prefix(zeros);
    if (!unused.empty()) break;
  }
  if (unused.empty()) return false;
  fill(kGzipMagic.size());
  if (!kGzipMagic.starts_with(unused.substr(0, kGzipMagic.size()))) {
    fail("expected another gzip member or the end of the file after it, found other bytes");
    return false;
  }
  ::inflateReset(&stream);
  ++members;
  part = Part::kMember;
  return true;
}

// Returns zero when the member has ended, or at damage.
std::size_t InflatedFile::Impl::inflate_into(char* out, std::size_t bytes_max) {
  stream.next_out = reinterpret_cast<Bytef*>(out);
  stream.avail_out = static_cast<uInt>(std::min<std::size_t>(bytes_max, 1U << 30U));
  const uInt room = stream.avail_out;
  while (stream.avail_out == room) {
    if (!fill(1)) {
      if (!damage) fail("the compressed data ends too early");
      break;
    }
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(unused.data()));
    stream.avail_in = static_cast<uInt>(unused.size());
    const int code = ::inflate(&stream, Z_NO_FLUSH);
    unused.remove_prefix(unused.size() - stream.avail_in);
    if (code == Z_STREAM_END) {
      part = Part::kBetween;
      break;
    }
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    if (code != Z_OK && code != Z_BUF_ERROR) {
      fail(stream.msg != nullptr ? stream.msg : "the compressed data is broken");
      break;
    }
  }
  return room - stream.avail_out;
}

std::size_t InflatedFile::Impl::copy_into(char* out, std::size_t bytes_max) {
  if (!fill(1)) return 0;
  const std::size_t count = std::min(bytes_max, unused.size());
  std::memcpy(out, unused.data(), count);
  unused.remove_prefix(count);
  return count;
}

InflatedFile::InflatedFile(const std::string& path) : impl_(std::make_unique<Impl>()) {
  impl_->file = open_to_read(path);
  if (!impl_->file.is_open()) throw unreadable(path);
  struct stat status {};
  ::fstat(impl_->file.get(), &status);
  if (S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    throw unreadable(path);
  }
  impl_->size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
}

InflatedFile::~InflatedFile() = default;

std::size_t InflatedFile::read(char* out, std::size_t bytes_max) {
  Impl& c = *impl_;
  if (c.position == 0 && c.fill(kGzipMagic.size()) && c.unused.starts_with(kGzipMagic)) c.part = Impl::Part::kBetween;
  for (;;) {
    if (c.damage && c.unused.empty()) return 0;
    if (c.part == Impl::Part::kPlain) return c.copy_into(out, bytes_max);
    if (c.damage || (c.part == Impl::Part::kBetween && !c.begin_member())) return 0;
    const std::size_t count = c.inflate_into(out, bytes_max);
    if (count > 0) return count;
  }
}

const std::optional<std::string>& InflatedFile::damage() const noexcept {
  return impl_->damage;
}

std::uint64_t InflatedFile::position() const noexcept {
  return impl_->position - impl_->unused.size();
}

std::uint64_t InflatedFile::size() const noexcept {
  return impl_->size;
}

}  // namespace runledger
