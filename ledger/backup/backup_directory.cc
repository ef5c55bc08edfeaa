// Makes backups aside, checks them there, and lists them by renaming a directory.
//
// make() goes in this order, so that a kill at any point leaves only `.partial`, which the next backup removes. A
// failure removes it at once: it may be the reason why the disk is full.
// 1. The tables that an earlier backup has are linked, and all other files are copied and synced.
// 2. The new backup is opened as a ledger, to read: Store's constructor checks the engine's own log, check_log_end()
//    checks the end of the event log, and check_tables() every byte of the tables. The mark of its end is written.
// 3. backup.json is written. The directories are synced, then `.partial` gets its name, then that is synced.
//
// An earlier backup whose table was damaged on the disk would damage every later one that links to it. If step 2 finds
// damage in a backup with linked tables, the backup is made once more without links: then it is the ledger's own
// damage.
#include "ledger/backup/backup_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <set>
#include <system_error>
#include <utility>

#include "ledger/base/directory.h"
#include "ledger/base/failure.h"
#include "ledger/base/retry.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/evidence/erased_keys.h"
#include "ledger/log/check.h"
#include "ledger/log/mark.h"
#include "ledger/log/store/ledger_files.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"
#include "ledger/values/json_writer.h"
#include "ledger/values/number.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMarkerFile = "runledger-backups";
constexpr std::string_view kMarkerFormat = "runledger backups";
constexpr const char* kLockFile = "lock";
constexpr const char* kPartial = ".partial";
constexpr const char* kRemoved = ".removed";
// Whoever else has the audit key copies the ledger or hashes what is new in it.
constexpr std::chrono::seconds kAuditKeyAwaited{10};
constexpr std::chrono::milliseconds kAuditKeyTriedEvery{20};
constexpr const char* kLostAndFound = "lost+found";  // Of a new file system; for root only.
constexpr std::size_t kBackupsMax = 100'000;
constexpr JsonLimits kMarkerLimits{.bytes_max = 4096, .depth_max = 2, .keys_max = 8};

// The files of the engine's that make up a store; not its own log of warnings, nor its lock.
bool is_of_store(std::string_view name) {
  return name.ends_with(".sst") || name.ends_with(".log") || name == "CURRENT" || name == "IDENTITY" ||
         name.starts_with("MANIFEST-") || name.starts_with("OPTIONS-");
}

// 20261130T061530.123456Z: sorts by time, and is a plain name everywhere.
std::string compact(Time time) {
  const std::int64_t us = time.unix_us % kMicrosecondsPerSecond;
  std::string text = format_time(Time{time.unix_us - us});
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{}.{:06}Z", text.substr(0, std::string_view("20261130T061530").size()), us);
}

// The name of the next backup, which sorts after the newest, even if the machine's clock was set back: backups are kept
// and restored by the order of their names.
std::string name_after(const std::string& newest, Time now) {
  std::string name = compact(now);
  if (name > newest) return name;
  const std::size_t plus = newest.find('+');
  const Result<std::uint64_t> count = parse_number(newest.substr(std::min(plus, newest.size() - 1) + 1), "count", {});
  return fmt::format("{}+{:06}", newest.substr(0, plus), count ? *count + 1 : 1);
}

// Whether name_after() gives such names: a directory without a description that has one has lost it.
bool is_dated(const std::string& name) {
  constexpr std::string_view kForm = "20261130T061530.123456Z";
  if (name.size() < kForm.size() || (name.size() > kForm.size() && name[kForm.size()] != '+')) return false;
  return std::equal(kForm.begin(), kForm.end(), name.begin(), [](char form, char found) {
    return form >= '0' && form <= '9' ? found >= '0' && found <= '9' : form == found;
  });
}

// A damaged one counts too, where its name is one of ours: the next must not take its name.
std::string newest_name(const BackupDirectory::Listed& listed) {
  std::string newest = listed.backups.empty() ? std::string() : listed.backups.back().name;
  for (const std::string& name : listed.damaged) {
    if (is_dated(name)) newest = std::max(newest, name);
  }
  return newest;
}

[[noreturn]] void throw_other_directory(const fs::path& path, std::string_view found) {
  throw Failure(Remedy::kCorrectInput, "backup.other_directory",
                fmt::format("expected an empty directory or one of backups at {}, found {}", path.string(), found));
}

// The tables of earlier backups, by their id.
using KnownTables = std::map<std::string, std::pair<fs::path, FileSum>>;

KnownTables tables_of(const fs::path& directory, const std::vector<Backup>& backups) {
  KnownTables known;
  for (const Backup& backup : backups) {
    for (const BackupFile& file : backup.files) {
      if (!file.table.empty()) known[file.table] = {directory / backup.name / file.path, file.sum};
    }
  }
  return known;
}

Store::Options as_copy(const fs::path& directory) {
  Store::Options options;
  options.directory = directory;
  options.is_copy = true;  // Root may make backups of another user's ledger.
  return options;
}

// Makes one backup in a directory of its own.
class BackupBuild {
 public:
  BackupBuild(fs::path directory, const KnownTables& known, const CopyLimits& limits)
      : directory_(std::move(directory)), known_(known), limits_(limits) {
    remove_path(directory_);
    make_own_directory(directory_);
    make_own_directory(directory_ / "store");
  }

  void take_store(const Store& copied) {
    const fs::path& copy = copied.directory();
    const std::map<std::string, std::string> tables = copied.table_ids();
    for (const std::string& name : names_in(copy / "store")) {
      if (!is_of_store(name)) continue;
      const auto table = tables.find(name);
      take_file("store/" + name, copy / "store" / name, table == tables.end() ? std::string() : table->second);
    }
    take_file(kIdentityKeyFile, copy / kIdentityKeyFile, {});
    backup_.ledger_id = copied.ledger_id();
  }

  void take(const KeptFiles& kept) {
    for (const auto& [name, bytes] : kept.all()) add(name, write_durably(directory_ / name, bytes), {});
  }

  // Opens the backup as a ledger, and marks its end.
  void check() {
    const Store store(as_copy(directory_));
    const Head head = check_log_end(store);
    store.check_tables([this] { require_no_stop(limits_.stop, "check the tables of the new backup"); });
    write_mark(store, head);
    backup_.sequence = head.sequence;
    backup_.recorded_at = head.recorded_at;
    backup_.root = head.tree.root();
    backup_.erased_keys = all_erased_keys(LedgerEvents::stored_in(store), head.sequence);
    add(kMarkFile, sum_of(directory_ / kMarkFile), {});
  }

  Backup finish(Time now) {
    backup_.made_at = now;
    std::set<std::string> ours;
    for (const BackupFile& file : backup_.files) ours.insert(file.path);
    for (const std::string& name : names_in(directory_)) {
      if (name != "store" && !ours.contains(name)) remove_path(directory_ / name);
    }
    for (const std::string& name : names_in(directory_ / "store")) {
      if (!ours.contains("store/" + name)) remove_path(directory_ / "store" / name);
    }
    (void)write_durably(directory_ / kBackupFile, format_backup(backup_));
    sync_directory(directory_ / "store");
    sync_directory(directory_);
    return backup_;
  }

  [[nodiscard]] bool has_links() const { return has_links_; }

 private:
  void take_file(const std::string& path, const fs::path& from, const std::string& table) {
    const auto known = table.empty() ? known_.end() : known_.find(table);
    // Where the file system has no links, or no more of this file, the table is copied like any other.
    if (known != known_.end() && ::link(known->second.first.c_str(), (directory_ / path).c_str()) == 0) {
      has_links_ = true;
      backup_.files.push_back({path, known->second.second, table});
      return;
    }
    add(path, copy_durably(from, directory_ / path, limits_), table);
  }

  void add(const std::string& path, const FileSum& sum, const std::string& table) {
    backup_.files.push_back({path, sum, table});
    backup_.new_bytes += sum.bytes;
  }

  fs::path directory_;
  const KnownTables& known_;
  const CopyLimits& limits_;
  Backup backup_;
  bool has_links_ = false;
};

// A rotation replaces several files, one after the other. Who has the key has completed what a crash interrupted, and
// keeps the next one off. Returns nullopt when the ledger has no key.
std::optional<AuditKey> hold_audit_key(const fs::path& ledger, const std::stop_token& stop) {
  if (!has_audit_key(ledger)) return std::nullopt;
  const auto end = std::chrono::steady_clock::now() + kAuditKeyAwaited;
  for (;;) {
    if (std::optional<AuditKey> key = AuditKey::if_free(ledger)) return key;
    if (std::chrono::steady_clock::now() >= end)
      throw Failure(Remedy::kRetryLater, "audit_key.busy",
                    fmt::format("expected the audit key in {} to be free within {} seconds, found it in use by another "
                                "process",
                                ledger.string(), kAuditKeyAwaited.count()));
    if (!wait_unless_stopped(stop, kAuditKeyTriedEvery)) require_no_stop(stop, "read the audit key");
  }
}

}  // namespace

KeptFiles KeptFiles::of(const fs::path& ledger, const std::stop_token& stop) {
  const std::optional<AuditKey> locked = hold_audit_key(ledger, stop);
  KeptFiles kept;
  for (const LedgerFile& each : kLedgerFiles) {
    if (!each.is_of_the_original) continue;
    const PosixFile file = open_own(ledger / each.name, O_RDONLY, FileAccess::kOwnerOnly);
    if (file.is_open()) kept.files_[each.name] = file.read_all();
  }
  return kept;
}

BackupDirectory::BackupDirectory(fs::path path, Purpose purpose)
    : path_(fs::absolute(path).lexically_normal()), lock_(path_ / kLockFile, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) {
  if (purpose == Purpose::kWrite) {
    prepare();
    lock_ = open_own(path_ / kLockFile, O_RDWR | O_CREAT, FileAccess::kAny);
  }
  std::error_code error;
  if (!fs::exists(path_ / kMarkerFile, error) && purpose == Purpose::kRead)
    throw Failure(Remedy::kCorrectInput, "backup.not_found",
                  fmt::format("expected a directory of backups at {}, found none", path_.string()));
  if (!lock_.is_open()) throw_errno("open", path_ / kLockFile);
  if (::flock(lock_.handle(), (purpose == Purpose::kWrite ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw_errno("lock", path_ / kLockFile);
    throw Failure(Remedy::kRetryLater, "backup.busy",
                  fmt::format("expected {} to be free, found that another process makes, removes or restores a backup "
                              "there",
                              path_.string()));
  }
  if (purpose == Purpose::kRead) return;
  remove_path(path_ / kPartial);
  remove_path(path_ / kRemoved);
}

// Only an empty directory is taken over. A new file system is empty but for "lost+found", and a backup that was killed
// while it took the directory over leaves the lock.
void BackupDirectory::prepare() {
  if (::mkdir(path_.c_str(), S_IRWXU) == 0) {
    sync_directory(path_.parent_path());
  } else if (errno != EEXIST) {
    throw_errno("make", path_);
  }
  std::error_code error;
  if (!fs::is_directory(path_, error)) throw_other_directory(path_, "something else");
  refuse_open_directory(path_);
  if (fs::exists(path_ / kMarkerFile, error)) return;
  for (const std::string& name : names_in(path_)) {
    if (name != kLostAndFound && name != kLockFile && name != std::string(kMarkerFile) + ".new")
      throw_other_directory(path_, fmt::format("\"{}\" in it", name));
  }
}

void BackupDirectory::mark_as(LedgerId ledger_id) {
  const std::optional<LedgerId> marked = ledger();
  if (!marked) {
    JsonWriter out;
    out.begin_object().member("format", kMarkerFormat).member("version", std::uint64_t{1});
    out.member("ledger_id", format_uuid(ledger_id.value)).end_object();
    return replace_own(path_ / kMarkerFile, out.take() + "\n");
  }
  if (*marked == ledger_id) return;
  throw Failure(Remedy::kCorrectInput, "backup.other_ledger",
                fmt::format("expected {} to hold backups of the ledger {}, found those of {}: choose another directory",
                            path_.string(), format_uuid(ledger_id.value), format_uuid(marked->value)));
}

std::optional<LedgerId> BackupDirectory::ledger() const {
  const PosixFile file = open_own(path_ / kMarkerFile, O_RDONLY, FileAccess::kAny);
  if (!file.is_open()) return std::nullopt;
  try {
    const JsonValue document = need(parse_json(file.read_all(), kMarkerLimits));
    const JsonObject in(document, "the file", "backup.other_directory");
    in.only({"format", "version", "ledger_id"});
    if (in.text("format") != kMarkerFormat) in.refuse_member("format", fmt::format("\"{}\"", kMarkerFormat));
    (void)in.number("version", {.min = 1, .max = 1});
    return LedgerId{need(parse_uuid(in.text("ledger_id"), "ledger_id"))};
  } catch (const Refused& refused) {
    throw_other_directory(path_, fmt::format("another {}: {}", kMarkerFile, refused.rejection().detail.str()));
  }
}

BackupDirectory::Listed BackupDirectory::list() const {
  Listed listed;
  for (const std::string& name : names_in(path_)) {
    if (name.starts_with('.') || name == kLostAndFound || listed.backups.size() >= kBackupsMax) continue;
    const PosixFile file(path_ / name / kBackupFile, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (!file.is_open() && (errno == ENOTDIR || (errno == ENOENT && !is_dated(name)))) continue;
    const std::optional<std::string> text =
        file.is_open() ? file.read_up_to(std::numeric_limits<std::size_t>::max()) : std::nullopt;
    try {
      if (!text) throw_errno_as("backup.damaged", "reading the description");
      listed.backups.push_back(parse_backup(*text, name));
    } catch (const Failure& failure) {
      if (failure.code() != "backup.damaged") throw;
      listed.damaged.push_back(name);
    }
  }
  return listed;
}

Backup BackupDirectory::make(const fs::path& copy, const KeptFiles& kept, Time now, const CopyLimits& limits) {
  try {
    return build(copy, kept, now, limits);
  } catch (...) {
    remove_quietly(path_ / kPartial);  // It may be what fills the disk, which often is the ledger's own.
    throw;
  }
}

Backup BackupDirectory::build(const fs::path& copy, const KeptFiles& kept, Time now, const CopyLimits& limits) {
  const fs::path partial = path_ / kPartial;
  const Store copied(as_copy(copy));
  mark_as(copied.ledger_id());
  const auto fill = [&](BackupBuild& making) {
    making.take_store(copied);
    making.take(kept);
    making.check();
    return making.finish(now);
  };
  const Listed before = list();
  const KnownTables known = tables_of(path_, before.backups);
  const KnownTables none;
  Backup backup;
  BackupBuild linking(partial, known, limits);
  try {
    backup = fill(linking);
  } catch (const Failure& failure) {
    if (failure.remedy() != Remedy::kDamageFound || !linking.has_links()) throw;
    BackupBuild copying(partial, none, limits);
    backup = fill(copying);
  }
  backup.name = name_after(newest_name(before), now);
  if (::rename(partial.c_str(), (path_ / backup.name).c_str()) != 0) throw_errno("name", path_ / backup.name);
  sync_directory(path_);
  return backup;
}

std::vector<std::string> BackupDirectory::keep_newest(std::size_t count) {
  std::vector<std::string> removed;
  const std::vector<Backup> backups = list().backups;
  for (std::size_t i = 0; i + count < backups.size(); ++i) {
    // Renamed first: a backup that is removed half-way must not be listed.
    const fs::path path = path_ / backups[i].name;
    if (::rename(path.c_str(), (path_ / kRemoved).c_str()) != 0) throw_errno("remove", path);
    sync_directory(path_);
    remove_path(path_ / kRemoved);
    removed.push_back(backups[i].name);
  }
  return removed;
}

}  // namespace runledger
