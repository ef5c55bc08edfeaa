// Opens a database, and closes it after syncing what is written.
#include "ledger/log/store/database.h"

#include <cstdio>

#include "ledger/base/failure.h"
#include "ledger/log/store/info_log.h"

namespace runledger {

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
