// Walks the records of every log file by their headers, and tells a torn tail from damage.
//
// The form (RocksDB, "Write Ahead Log File Format"): a file consists of blocks of 32 KiB. A record has a masked CRC-32C
// over type and payload (4 bytes), the payload's length (2), a type (1), all little-endian, and the payload. Records do
// not cross blocks, and a rest of a block that is too short for a header is filled up.
//
// check_wal() goes from header to header and computes no checksums, because the engine will verify them right
// afterwards. The walk stops where no complete record can begin: the type is not valid, or the length reaches beyond
// the end of the block or the file. That is what a torn tail looks like, and also what a damaged type or length looks
// like. It is damage if
//
// - another type, or another length, makes the checksum right: then only the header was changed (was_record()), or
// - a record with a right checksum begins anywhere later in the block, or at the start of a later block
//   (records_follow()): then something was written after the place, so the place was not the end.
//
// Otherwise it is a torn tail, and the rest of the file is ignored, as the engine does.
//
// locate_wal_damage() makes the same walk with checksums, which the engine has found to be wrong without naming the
// place: the first complete record with a wrong checksum is the damage.
#include "ledger/log/store/wal.h"

#include <fmt/format.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/damage.h"
#include "ledger/log/store/families.h"

namespace runledger {
namespace {

constexpr std::size_t kBlockBytes = 32768;
constexpr std::size_t kHeaderBytes = 7;
// Types 1 to 4 are a whole record, its first, middle and last piece. Others are never written.
constexpr unsigned kTypeMax = 4;

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

std::uint32_t checksum_in(std::string_view header) {
  return byte_at(header, 0) | byte_at(header, 1) << 8U | byte_at(header, 2) << 16U | byte_at(header, 3) << 24U;
}

std::size_t length_in(std::string_view header) {
  return byte_at(header, 4) | byte_at(header, 5) << 8U;
}

unsigned type_in(std::string_view header) {
  return byte_at(header, 6);
}

// CRC-32C (RFC 3720, B.4).
class Crc32c {
 public:
  void add(unsigned byte) { value_ = table()[(value_ ^ byte) & 0xffU] ^ (value_ >> 8U); }
  void add(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) add(byte_at(bytes, i));
  }
  // The form in which the engine stores a checksum, so that a checksum over checksums stays strong.
  [[nodiscard]] std::uint32_t masked() const {
    const std::uint32_t crc = ~value_;
    return ((crc >> 15U) | (crc << 17U)) + 0xa282ead8U;
  }

 private:
  static const std::array<std::uint32_t, 256>& table() {
    static const auto made = [] {
      std::array<std::uint32_t, 256> entries{};
      for (std::uint32_t i = 0; i < entries.size(); ++i) {
        std::uint32_t entry = i;
        for (int bit = 0; bit < 8; ++bit) entry = (entry >> 1U) ^ ((entry & 1U) != 0 ? 0x82f63b78U : 0);
        entries[i] = entry;
      }
      return entries;
    }();
    return made;
  }

  std::uint32_t value_ = ~0U;
};

// Whether a complete record can begin here, judging by its header alone.
bool is_complete(std::string_view at) {
  return at.size() >= kHeaderBytes && type_in(at) >= 1 && type_in(at) <= kTypeMax &&
         kHeaderBytes + length_in(at) <= at.size();
}

// Whether the checksum is right for a record of this type and length.
bool is_record(std::string_view at, unsigned type, std::size_t length) {
  if (kHeaderBytes + length > at.size()) return false;
  Crc32c crc;
  crc.add(type);
  crc.add(at.substr(kHeaderBytes, length));
  return crc.masked() == checksum_in(at);
}

// Whether a record begins here whose header and checksum are right.
bool is_record(std::string_view at) {
  return is_complete(at) && is_record(at, type_in(at), length_in(at));
}

// Whether a record began here before its type or its length was damaged. Of the lengths, only the stored one and the
// rest of the block are tried; with any other length another record follows, which records_follow() finds.
bool was_record(std::string_view at) {
  if (at.size() <= kHeaderBytes) return false;
  for (unsigned type = 1; type <= kTypeMax; ++type) {
    if (is_record(at, type, length_in(at)) || is_record(at, type, at.size() - kHeaderBytes)) return true;
  }
  return false;
}

enum class Checksums { kTrust, kVerify };

// Returns the place in a block where the walk from record to record has to stop; absent when it reaches the end.
std::optional<std::size_t> end_of_walk(std::string_view block, Checksums checksums) {
  std::size_t at = 0;
  while (at < block.size() && at + kHeaderBytes <= kBlockBytes) {
    const std::string_view rest = block.substr(at);
    if (!is_complete(rest)) return at;
    if (checksums == Checksums::kVerify && !is_record(rest)) return at;
    at += kHeaderBytes + length_in(rest);
  }
  return std::nullopt;
}

// Reads one log file, block by block.
class WalFile {
 public:
  WalFile(rocksdb::Env& env, const std::string& path) : path_(path) {
    check(env.NewSequentialFile(path, &file_, rocksdb::EnvOptions()), "opening " + path);
  }

  // Throws "storage.damaged" when something was lost where the walk stops, or after it.
  void check_records(Checksums checksums) {
    while (read_block()) {
      const std::optional<std::size_t> stop = end_of_walk(block_, checksums);
      if (!stop) continue;
      const std::uint64_t offset = bytes_ - block_.size() + *stop;
      const std::string_view rest = block_.substr(*stop);
      if (is_complete(rest) || was_record(rest) || records_follow(*stop)) {
        throw_damaged(
            fmt::format("{}: expected whole records up to the end, found a damaged one at byte {}", path_, offset));
      }
      return;
    }
  }

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  bool read_block() {
    rocksdb::Slice read;
    buffer_.resize(kBlockBytes);
    check(file_->Read(kBlockBytes, &read, buffer_.data()), "reading " + path_);
    block_ = read.ToStringView();
    bytes_ += block_.size();
    return !block_.empty();
  }

  // Whether a record begins anywhere after `stop` in this block, or at the beginning of a later block.
  bool records_follow(std::size_t stop) {
    for (std::size_t at = stop + 1; at < block_.size(); ++at) {
      if (is_record(block_.substr(at))) return true;
    }
    bool follows = false;
    while (read_block()) follows = follows || is_record(block_);
    return follows;
  }

  std::string path_;
  std::unique_ptr<rocksdb::SequentialFile> file_;
  std::vector<char> buffer_;
  std::string_view block_;
  std::uint64_t bytes_ = 0;  // The number of bytes read so far.
};

// Checks every log file of the store, oldest first, and returns their size. The names are numbers of a fixed width, so
// they sort by age.
std::uint64_t check_files(rocksdb::Env& env, const std::filesystem::path& store, Checksums checksums) {
  std::vector<std::string> names;
  check(env.GetChildren(store.string(), &names), "reading " + store.string());
  std::sort(names.begin(), names.end());
  std::uint64_t bytes = 0;
  for (const std::string& name : names) {
    if (!name.ends_with(".log")) continue;
    WalFile file(env, store / name);
    file.check_records(checksums);
    bytes += file.bytes();
  }
  return bytes;
}

}  // namespace

std::uint64_t check_wal(rocksdb::Env& env, const std::filesystem::path& store) {
  return check_files(env, store, Checksums::kTrust);
}

void locate_wal_damage(rocksdb::Env& env, const std::filesystem::path& store) {
  check_files(env, store, Checksums::kVerify);
}

}  // namespace runledger
