// Puts the pieces of batches together. A piece without the one before it is passed over.
#include "ledger/log/store/wal_batches.h"

#include <rocksdb/env.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ledger/log/store/families.h"
#include "ledger/log/store/wal_record.h"

namespace runledger {
namespace {

class BatchPieces {
 public:
  // Returns the batch that the record completes; empty when it completes none. It is valid until the next call.
  std::string_view add(std::string_view record) {
    const std::string_view payload = record.substr(kWalHeaderBytes, wal_length(record));
    const unsigned type = wal_type(record);
    if (type == kWalWhole || type == kWalFirst) {
      batch_ = payload;
      has_begun_ = true;
    } else if (has_begun_) {
      batch_ += payload;
    }
    if (type != kWalWhole && type != kWalLast) return {};
    return std::exchange(has_begun_, false) ? std::string_view(batch_) : std::string_view();
  }
  void interrupt() { has_begun_ = false; }

 private:
  std::string batch_;
  bool has_begun_ = false;
};

}  // namespace

void read_wal_batches(const std::filesystem::path& path, const std::function<void(std::string_view)>& visit) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  check(rocksdb::Env::Default()->NewSequentialFile(path.string(), &file, rocksdb::EnvOptions()),
        "opening " + path.string());
  std::vector<char> buffer(kWalBlockBytes);
  BatchPieces pieces;
  for (;;) {
    rocksdb::Slice read;
    check(file->Read(kWalBlockBytes, &read, buffer.data()), "reading " + path.string());
    std::string_view block = read.ToStringView();
    if (block.empty()) return;
    while (block.size() >= kWalHeaderBytes) {
      if (!is_wal_record(block)) {
        pieces.interrupt();
        break;
      }
      if (const std::string_view batch = pieces.add(block); !batch.empty()) visit(batch);
      block.remove_prefix(kWalHeaderBytes + wal_length(block));
    }
  }
}

}  // namespace runledger
