// Tables are read with the engine's reader of single tables, and its log with ours (ledger/log/store/wal_batches.h).
//
// A batch of the log names families by number. A store gets all its families when it is made, in the order of Family,
// so the numbers are those of the enumeration.
#include "ledger/log/salvage.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <map>
#include <utility>

#include "ledger/base/damage.h"
#include "ledger/base/directory.h"
#include "ledger/base/failure.h"
#include "ledger/log/entries.h"
#include "ledger/log/state_codec.h"
#include "ledger/log/store/database.h"
#include "ledger/log/store/info_log.h"
#include "ledger/log/store/settings.h"
#include "ledger/log/store/wal.h"
#include "ledger/log/store/wal_batches.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

std::string name_in_ledger(const fs::path& file) {
  return "store/" + file.filename().string();
}

rocksdb::ReadOptions whole_table() {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  options.fill_cache = false;
  return options;
}

// Goes through the events of one table, and on after blocks that cannot be read.
class TableEvents {
 public:
  explicit TableEvents(rocksdb::SstFileReader& table) : iterator_(table.NewIterator(whole_table())) {
    iterator_->SeekToFirst();
    pass_damage();
  }
  [[nodiscard]] bool valid() const { return iterator_->Valid(); }
  [[nodiscard]] Sequence position() const { return Sequence{number_at_end(iterator_->key().ToStringView())}; }
  [[nodiscard]] std::string_view stored() const { return iterator_->value().ToStringView(); }
  void next() {
    last_ = position().value;
    iterator_->Next();
    pass_damage();
  }

 private:
  // How far a block reaches is not known, so the steps grow. Events that a step passes over are counted as lost, which
  // they are for whoever keeps only those before the damage.
  void pass_damage() {
    for (;;) {
      while (iterator_->Valid() && iterator_->key().size() != kEventKeyBytes) iterator_->Next();
      if (iterator_->Valid() || iterator_->status().ok() || step_ == 0) return;
      iterator_->Seek(event_key(Sequence{last_ + step_}));
      step_ = step_ > (~std::uint64_t{0} >> 1U) - last_ ? 0 : 2 * step_;
    }
  }

  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::uint64_t last_ = 0;
  std::uint64_t step_ = 1;
};

}  // namespace

struct Salvage::Impl {
  struct Table {
    fs::path file;
    std::unique_ptr<rocksdb::SstFileReader> reader;
  };

  fs::path store;
  std::vector<LedgerDamage> damage;
  std::map<std::string, std::string> identity;  // By the keys of StoreIdentity.
  std::vector<Head> heads;
  std::vector<Table> tables;               // Those of events, the newest first.
  std::map<Sequence, std::string> logged;  // The events in the engine's log.

  void add(std::string code, std::string what) { damage.push_back({std::move(code), {}, std::move(what)}); }

  // Takes what `part` throws for damage, unless a newer or an older program wrote the ledger.
  template <class Part>
  void noting(const Part& part) {
    try {
      part();
    } catch (const Damaged& damaged) {
      add(damaged.code(), damaged.found());
    } catch (const Failure& failure) {
      if (failure.code().starts_with("ledger.format_")) throw;
      add(failure.code(), failure.what());
    }
  }

  void take_meta(std::string_view key, std::string_view value) {
    if (key == kHeadKey) {
      noting([&] { heads.push_back(decode_head(value)); });
    } else {
      identity[std::string(key)] = value;
    }
  }

  void read_tables();
  void read_table(const fs::path& file);
  void read_meta(rocksdb::SstFileReader& reader);
  void read_log(const fs::path& file);
  void open_as_engine(const std::optional<NeededLogs>& needed);
  void check_events(rocksdb::DB& db, rocksdb::ColumnFamilyHandle& events);

  [[nodiscard]] std::optional<std::string> said(const char* key, std::size_t bytes) const {
    const auto found = identity.find(key);
    if (found == identity.end() || found->second.size() != bytes) return std::nullopt;
    return found->second;
  }
};

void Salvage::Impl::read_tables() {
  std::vector<std::string> names = names_in(store);
  std::reverse(names.begin(), names.end());  // Their numbers have the same width, so the newest come first.
  for (const std::string& name : names) {
    if (name.ends_with(".sst")) read_table(store / name);
  }
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (name->ends_with(".log")) noting([&] { read_log(store / *name); });
  }
  noting([&] { (void)check_wal(*rocksdb::Env::Default(), store); });
  if (damage.empty()) noting([&] { locate_wal_damage(*rocksdb::Env::Default(), store); });
}

void Salvage::Impl::read_table(const fs::path& file) {
  rocksdb::Options options;
  options.info_log = std::make_shared<NoInfoLog>();
  Table table{file, std::make_unique<rocksdb::SstFileReader>(options)};
  rocksdb::Status status = table.reader->Open(file.string());
  if (!status.ok()) {
    add("tables.damaged", fmt::format("{}: {}", name_in_ledger(file), status.ToString()));
    return;
  }
  const std::string family = table.reader->GetTableProperties()->column_family_name;
  status = table.reader->VerifyChecksum(whole_table());
  if (!status.ok())
    add("tables.damaged", fmt::format("{}, of the family {}: {}", name_in_ledger(file), family, status.ToString()));
  if (family == to_string(Family::kMeta)) read_meta(*table.reader);
  if (family == to_string(Family::kEvents)) tables.push_back(std::move(table));
}

void Salvage::Impl::read_meta(rocksdb::SstFileReader& reader) {
  const std::unique_ptr<rocksdb::Iterator> entry(reader.NewIterator(whole_table()));
  for (entry->SeekToFirst(); entry->Valid(); entry->Next())
    take_meta(entry->key().ToStringView(), entry->value().ToStringView());
}

void Salvage::Impl::read_log(const fs::path& file) {
  class Entries final : public rocksdb::WriteBatch::Handler {
   public:
    explicit Entries(Impl& into) : into_(into) {}
    rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
      if (family == static_cast<std::uint32_t>(Family::kMeta))
        into_.take_meta(key.ToStringView(), value.ToStringView());
      if (family == static_cast<std::uint32_t>(Family::kEvents) && key.size() == kEventKeyBytes)
        into_.logged[Sequence{number_at_end(key.ToStringView())}] = value.ToString();
      return rocksdb::Status::OK();
    }
    // The log never removes an event; what was removed past it may still be in a table.
    rocksdb::Status DeleteCF(std::uint32_t, const rocksdb::Slice&) override { return rocksdb::Status::OK(); }

   private:
    Impl& into_;
  };
  Entries entries(*this);
  read_wal_batches(file, [&](std::string_view batch) {
    const rocksdb::Status status = rocksdb::WriteBatch(std::string(batch)).Iterate(&entries);
    if (!status.ok()) add("storage.damaged", fmt::format("{}: {}", name_in_ledger(file), status.ToString()));
  });
}

void Salvage::Impl::open_as_engine(const std::optional<NeededLogs>& needed) {
  if (!fs::exists(store / "CURRENT")) throw_damaged("expected a store in store/, found no file CURRENT");
  StoreOptions options;
  options.on_fatal = [](const std::string&) {};
  Database database;
  rocksdb::DBOptions settings = database_settings(options, false, database.errors);
  settings.info_log = std::make_shared<NoInfoLog>();
  std::vector<std::string> found;
  const auto check_engine = [](const rocksdb::Status& status) {
    if (!status.ok()) throw_damaged("opening the store: " + status.ToString());
  };
  check_engine(rocksdb::DB::ListColumnFamilies(settings, store.string(), &found));
  refuse_newer_families(found, store.string());
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& [family, name] : kEnumWords<Family>) {
    if (std::find(found.begin(), found.end(), name) == found.end())
      throw_damaged(fmt::format("expected the family {} in store/, found none", name));
    families.emplace_back(std::string(name), family_settings(family, cache));
  }
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(settings, store.string(), families, &database.handles, &opened);
  database.db.reset(opened);
  check_engine(status);
  check_events(*opened, *database.handles[static_cast<std::size_t>(Family::kEvents)]);
  if (needed) require_logs_of(*opened, *needed);
}

// The numbers of the events that the engine shows, and the head that it shows. The bytes are compared elsewhere.
void Salvage::Impl::check_events(rocksdb::DB& db, rocksdb::ColumnFamilyHandle& events) {
  std::string stored;
  const rocksdb::Status status = db.Get({}, kHeadKey, &stored);
  if (!status.ok() && !status.IsNotFound()) check(status, "reading the head");
  const Head head = status.ok() ? decode_head(stored) : Head();
  const std::unique_ptr<rocksdb::Iterator> event(db.NewIterator(whole_table(), &events));
  Sequence expected{1};
  for (event->SeekToFirst(); event->Valid(); event->Next(), expected = expected.next()) {
    require_key_size(event->key().ToStringView(), kEventKeyBytes, "events");
    if (number_at_end(event->key().ToStringView()) != expected.value) break;
  }
  if (!event->Valid()) check(event->status(), "reading the events");
  if (!event->Valid() && expected == head.sequence.next()) return;
  damage.push_back({"event.missing", expected,
                    fmt::format("expected the store to have the events 1 to {} that its head names, found that it ends "
                                "or goes on otherwise at event {}",
                                head.sequence.value, expected.value)});
}

Salvage::Salvage(const fs::path& ledger, const std::optional<NeededLogs>& needed) : impl_(std::make_unique<Impl>()) {
  impl_->store = ledger / "store";
  std::error_code error;
  if (!fs::is_directory(impl_->store, error))
    throw Failure(Remedy::kCorrectInput, "ledger.not_found",
                  fmt::format("expected a ledger, or what is left of one, at {}, found no directory store in it",
                              ledger.string()));
  impl_->read_tables();
  if (const std::optional<std::uint32_t> found = format()) require_format(*found);
  impl_->noting([&] { impl_->open_as_engine(needed); });
}

Salvage::~Salvage() = default;

const std::vector<LedgerDamage>& Salvage::damage() const {
  return impl_->damage;
}

const std::vector<Head>& Salvage::heads() const {
  return impl_->heads;
}

std::optional<std::uint32_t> Salvage::format() const {
  const auto said = impl_->said(kFormatKey, sizeof(std::uint32_t));
  return said ? std::optional(load_big_endian_32(said->data())) : std::nullopt;
}

std::optional<LedgerId> Salvage::ledger_id() const {
  LedgerId id;
  const auto said = impl_->said(kLedgerIdKey, id.value.bytes.size());
  if (!said) return std::nullopt;
  std::copy(said->begin(), said->end(), id.value.bytes.begin());
  return id;
}

std::optional<Digest<8>> Salvage::identity_key_id() const {
  Digest<8> id;
  const auto said = impl_->said(kIdentityKeyIdKey, id.bytes.size());
  if (!said) return std::nullopt;
  std::copy(said->begin(), said->end(), id.bytes.begin());
  return id;
}

void Salvage::scan(const Visitor& visit) const {
  std::vector<TableEvents> tables;
  for (const Impl::Table& table : impl_->tables) tables.emplace_back(*table.reader);
  auto logged = impl_->logged.begin();
  for (;;) {
    std::optional<Sequence> next;
    if (logged != impl_->logged.end()) next = logged->first;
    for (const TableEvents& table : tables) {
      if (table.valid() && (!next || table.position() < *next)) next = table.position();
    }
    if (!next) return;
    // The engine's log is newer than its tables, and of these the first is the newest.
    std::optional<std::string_view> stored;
    if (logged != impl_->logged.end() && logged->first == *next) stored = logged->second;
    for (const TableEvents& table : tables) {
      if (!stored && table.valid() && table.position() == *next) stored = table.stored();
    }
    if (visit(*next, *stored) == Scan::kStop) return;
    if (logged != impl_->logged.end() && logged->first == *next) ++logged;
    for (TableEvents& table : tables) {
      if (table.valid() && table.position() == *next) table.next();
    }
  }
}

}  // namespace runledger
