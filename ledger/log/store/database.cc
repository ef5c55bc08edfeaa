// Opens a database, and closes it after syncing what is written.
#include "ledger/log/store/database.h"

#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/metadata.h>

#include <cstdio>

#include "ledger/base/failure.h"
#include "ledger/log/store/info_log.h"

namespace runledger {
namespace {

constexpr std::size_t kPieceBytes = 1U << 20U;

// Keeps a compaction from removing tables that are read. A database that is open to read only removes none, and answers
// that it does not support the call.
class KeptTables {
 public:
  explicit KeptTables(rocksdb::DB& db) : db_(db), status_(db.DisableFileDeletions()) {}
  ~KeptTables() {
    if (status_.ok()) status_ = db_.EnableFileDeletions(false);
  }
  KeptTables(const KeptTables&) = delete;
  KeptTables& operator=(const KeptTables&) = delete;

 private:
  rocksdb::DB& db_;
  rocksdb::Status status_;
};

rocksdb::Status read_pieces(rocksdb::SequentialFile& file, std::vector<char>& piece,
                            const std::function<void()>& between, rocksdb::FileChecksumGenerator& checksum) {
  for (;;) {
    if (between) between();
    rocksdb::Slice read;
    rocksdb::Status status = file.Read(piece.size(), &read, piece.data());
    if (!status.ok() || read.empty()) return status;
    checksum.Update(read.data(), read.size());
  }
}

// The engine's own VerifyFileChecksums() does the same to all tables at once, and cannot be stopped.
rocksdb::Status check_table(const rocksdb::DB& db, const rocksdb::LiveFileMetaData& table, std::vector<char>& piece,
                            const std::function<void()>& between) {
  const std::string path = table.directory + "/" + table.relative_filename;
  std::unique_ptr<rocksdb::SequentialFile> file;
  rocksdb::Status status = db.GetEnv()->NewSequentialFile(path, &file, rocksdb::EnvOptions());
  if (!status.ok()) return status;
  const std::unique_ptr<rocksdb::FileChecksumGenerator> checksum =
      db.GetDBOptions().file_checksum_gen_factory->CreateFileChecksumGenerator(
          {.file_name = path, .requested_checksum_func_name = table.file_checksum_func_name});
  status = read_pieces(*file, piece, between, *checksum);
  if (!status.ok()) return status;
  checksum->Finalize();
  if (checksum->Name() == table.file_checksum_func_name && checksum->GetChecksum() == table.file_checksum)
    return status;
  return rocksdb::Status::Corruption("a table has another checksum than when it was written", path);
}

}  // namespace

rocksdb::Status Database::open(rocksdb::DBOptions settings, const std::string& path, Access access,
                               const std::vector<rocksdb::ColumnFamilyDescriptor>& families) {
  settings.info_log = std::make_shared<StoreInfoLog>(path + "/LOG");
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = access == Access::kWrite
                               ? rocksdb::DB::Open(settings, path, families, &handles, &opened)
                               : rocksdb::DB::OpenForReadOnly(settings, path, families, &handles, &opened);
  db.reset(opened);
  return status;
}

rocksdb::Status Database::check_tables(const std::function<void()>& between) const {
  const KeptTables kept(*db);
  std::vector<rocksdb::LiveFileMetaData> tables;
  db->GetLiveFilesMetaData(&tables);
  std::vector<char> piece(kPieceBytes);
  for (const rocksdb::LiveFileMetaData& table : tables) {
    rocksdb::Status status = check_table(*db, table, piece, between);
    if (!status.ok()) return status;
  }
  return rocksdb::Status::OK();
}

void Database::require_sound() const {
  if (errors->found) throw Failure(Remedy::kCallOperator, "storage.failed", "the store has failed before");
}

Database::~Database() {
  if (!db) return;
  // Close() does not sync the engine's log. After a background error nothing can be made safe any more, and the engine
  // aborts the process if it is asked to sync.
  const rocksdb::Status synced = errors->found ? rocksdb::Status::OK() : db->SyncWAL();
  for (rocksdb::ColumnFamilyHandle* handle : handles) (void)db->DestroyColumnFamilyHandle(handle);
  const rocksdb::Status closed = db->Close();
  for (const rocksdb::Status& status : {synced, closed}) {
    if (!status.ok() && !status.IsNotSupported() && !errors->found)  // A file system in memory does not support a sync.
      std::fprintf(stderr, "runledger: storage.failed: closing: %s\n", status.ToString().c_str());
  }
}

}  // namespace runledger
