// `runledger backup`: makes a backup of the ledger, beside its daemon or without one, and lists those that there are.
#include <fmt/format.h>

#include "ledger/backup/backup_directory.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/log/store/ledger_copy.h"
#include "ledger/values/json_writer.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/output/table.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

constexpr std::uint64_t kKeepMax = 100'000;

void write_backup(JsonWriter& json, const Backup& backup) {
  json.member("name", backup.name).member("ledger_id", format_uuid(backup.ledger_id.value));
  json.member("made_at", format_time(backup.made_at)).member("sequence", backup.sequence.value);
  json.member("recorded_at", backup.sequence.value == 0 ? std::nullopt : std::optional(backup.recorded_at));
  json.member("root", format_hex(bytes_of(backup.root)));
  json.member("bytes", backup.bytes()).member("new_bytes", backup.new_bytes);
}

class BackupCommand final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "backup",
            .summary = "Copies the whole ledger, keys included, into a directory of backups, also beside the daemon",
            .example =
                "  runledger backup /srv/backups/runs --keep 14\n"
                "  runledger backup /srv/backups/runs --list"};
  }

  void declare(Options& options) override {
    options.argument("DIR", "The directory of backups; made if it is missing", directory_);
    options.flag("--list", "Lists the backups in DIR instead, the oldest first", list_);
    options.number("--keep", "N", "Removes all but the newest N backups once the new one is complete (default: none)",
                   keep_);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    if (list_) return list(context);
    const std::optional<std::uint64_t> keep = require_number(keep_, "keep", {.min = 1, .max = kKeepMax});
    require_ledger(context.data);
    BackupDirectory directory(directory_, BackupDirectory::Purpose::kWrite);
    const Backup made = make(context, directory);
    const std::vector<std::string> removed = keep ? directory.keep_newest(*keep) : std::vector<std::string>();
    print(context, made, removed);
    return ExitStatus::kDone;
  }

 private:
  // The copy is gone again when this returns.
  static Backup make(const Context& context, BackupDirectory& directory) {
    const KeptFiles kept = KeptFiles::of(context.data);
    if (const std::shared_ptr<RpcLink> link = find_daemon(context)) {
      const std::string name = make_remote_copy(*link, CopyOf::kLog);
      return directory.make(LedgerCopy::path_of(context.data, name), kept, SystemClock().now());
    }
    Ledger ledger = open_ledger(context);
    const LedgerCopy copy(ledger.log().store(), CopyOf::kLog);
    return directory.make(copy.path(), kept, SystemClock().now());
  }

  static void print(const Context& context, const Backup& made, const std::vector<std::string>& removed) {
    if (!context.json()) {
      context.out.line(fmt::format("backup {}: {} events, {} bytes, of which {} are new; removed {} older ones",
                                   made.name, made.sequence.value, made.bytes(), made.new_bytes, removed.size()));
      return;
    }
    JsonWriter json;
    json.begin_object();
    write_backup(json, made);
    json.key("removed").begin_array();
    for (const std::string& name : removed) json.text(name);
    json.end_array().end_object();
    context.out.line(json.take());
  }

  [[nodiscard]] ExitStatus list(const Context& context) const {
    if (keep_) refuse("usage", "expected --list without --keep");
    const BackupDirectory::Listed listed = BackupDirectory(directory_, BackupDirectory::Purpose::kRead).list();
    for (const std::string& name : listed.damaged)
      write_stderr(fmt::format("runledger: backup.damaged: {} has no description that can be read\n", name));
    context.json() ? print_lines(listed.backups, context.out) : print_table(listed.backups, context.out);
    return listed.damaged.empty() ? ExitStatus::kDone : ExitStatus::kDamaged;
  }

  static void print_lines(const std::vector<Backup>& backups, Output& out) {
    for (const Backup& backup : backups) {
      JsonWriter json;
      json.begin_object();
      write_backup(json, backup);
      out.line(json.end_object().take());
    }
  }

  static void print_table(const std::vector<Backup>& backups, Output& out) {
    Table table({{"NAME", Fit::kWhole}, {"MADE", Fit::kTime}, "EVENTS", "BYTES", "NEW BYTES"});
    for (const Backup& backup : backups) {
      table.row({{backup.name},
                 {format_time(backup.made_at)},
                 {std::to_string(backup.sequence.value)},
                 {std::to_string(backup.bytes())},
                 {std::to_string(backup.new_bytes)}});
    }
    table.print(out);
  }

  std::string directory_;
  Typed keep_;
  bool list_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_backup() {
  return std::make_unique<BackupCommand>();
}

}  // namespace runledger
