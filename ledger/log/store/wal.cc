// Walks the records of every log file by their headers, and tells a torn tail from damage.
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
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/damage.h"
#include "ledger/log/store/families.h"
#include "ledger/log/store/wal_record.h"

namespace runledger {
namespace {

// Whether a record began here before its type or its length was damaged. Of the lengths, only the stored one and the
// rest of the block are tried; with any other length another record follows, which records_follow() finds.
bool was_record(std::string_view at) {
  if (at.size() <= kWalHeaderBytes) return false;
  for (unsigned type = 1; type <= kWalTypeMax; ++type) {
    if (is_wal_record(at, type, wal_length(at)) || is_wal_record(at, type, at.size() - kWalHeaderBytes)) return true;
  }
  return false;
}

enum class Checksums { kTrust, kVerify };

// Returns the place in a block where the walk from record to record has to stop; absent when it reaches the end.
std::optional<std::size_t> end_of_walk(std::string_view block, Checksums checksums) {
  std::size_t at = 0;
  while (at < block.size() && at + kWalHeaderBytes <= kWalBlockBytes) {
    const std::string_view rest = block.substr(at);
    if (!is_complete_wal_record(rest)) return at;
    if (checksums == Checksums::kVerify && !is_wal_record(rest)) return at;
    at += kWalHeaderBytes + wal_length(rest);
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
      if (is_complete_wal_record(rest) || was_record(rest) || records_follow(*stop)) {
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
    buffer_.resize(kWalBlockBytes);
    check(file_->Read(kWalBlockBytes, &read, buffer_.data()), "reading " + path_);
    block_ = read.ToStringView();
    bytes_ += block_.size();
    return !block_.empty();
  }

  // Whether a record begins anywhere after `stop` in this block, or at the beginning of a later block.
  bool records_follow(std::size_t stop) {
    for (std::size_t at = stop + 1; at < block_.size(); ++at) {
      if (is_wal_record(block_.substr(at))) return true;
    }
    bool follows = false;
    while (read_block()) follows = follows || is_wal_record(block_);
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
