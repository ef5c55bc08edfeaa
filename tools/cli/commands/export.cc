// `runledger export`: writes the log as JSON lines.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "ledger/base/utf8.h"
#include "ledger/evidence/scope_prover.h"
#include "ledger/exchange/identity_key_json.h"
#include "ledger/exchange/seal_key_json.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/values/json_writer.h"
#include "tools/cli/event_walk.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/event_selection.h"
#include "tools/cli/output/replaced_file.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

// Writes envelopes as JSON, or what EventPrinter makes of them where the user asked for columns. Returns the number of
// events. It is smaller than the number of positions in the range when the reader may not see all of them.
std::uint64_t write_events(const Context& context, LedgerReader& reader, const EventSelection& selection,
                           SequenceRange range, const Progress& progress, Output& out) {
  Context as_export = context;
  if (!context.separation()) as_export.format = Format::kJson;
  EventPrinter printer(as_export, out);
  std::uint64_t events = 0;
  if (range.from > range.to) return events;
  const Sequence before{range.from.value - 1};
  walk_events(
      reader, {.after = before, .to = range.to, .filter = selection.filter},
      [&](const VisibleEvent& event) {
        if (!selection.admits(event.envelope)) return;
        printer.print(event);
        ++events;
      },
      [&](Sequence reached) { progress(reached.value - before.value, range.to.value - before.value); });
  return events;
}

void report(const Context& context, std::uint64_t events, const std::string& file) {
  if (context.json()) {
    JsonWriter json;
    json.begin_object().member("events", events).member("file", valid_utf8(file)).end_object();
    context.out.line(json.take());
  } else {
    context.out.line(fmt::format("wrote {} events to {}", events, file));
  }
}

class Export final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "export",
            .summary = "The log as JSON lines, one event each; import --verbatim reads them",
            .example =
                "  runledger export -o events.jsonl\n"
                "  runledger export --from 1000 | gzip > newer.jsonl.gz\n"
                "  runledger export --tenant north --since 2026-01-01 --format csv -o north.csv\n"
                "  runledger export --tenant north --evidence -o north.evidence",
            .has_columns = true};
  }

  void declare(Options& options) override {
    selection_.declare(options);
    options.value("-o,--output", "FILE", "Writes this file, whole or not at all, instead of standard output", output_);
    options.flag("--with-key",
                 "Puts the ledger's identity key first, and the keys of its tenants if it seals what they write, in "
                 "clear: a ledger that is made of the export then recognises repeated requests, and reads contents, as "
                 "this one does",
                 with_key_);
    options.flag("--evidence",
                 "The events of one tenant, or of a workspace without its tenants, with a signed proof that there are "
                 "no others, for verify --proof",
                 evidence_);
  }

  ExitStatus run(const Context& context) override {
    const EventSelection selection = selection_.require_selection();
    if (evidence_) return export_evidence(context, selection);
    std::vector<std::string> keys;
    if (with_key_) keys.push_back(require_key_line(context, selection));
    ReadingConnection ledger(context);
    if (with_key_) add_seal_keys(context, keys);
    const SequenceRange range = selection.find_range(ledger.reader());
    if (!output_) {
      for (const std::string& line : keys) context.out.line(line);
      // No progress bar: standard output may be the same terminal as standard error.
      (void)write_events(
          context, ledger.reader(), selection, range, [](auto, auto) {}, context.out);
      return ExitStatus::kDone;
    }
    ReplacedFile file(*output_);
    for (const std::string& line : keys) file.out().line(line);
    const std::uint64_t events =
        write_events(context, ledger.reader(), selection, range, progress_bar(context, "exporting"), file.out());
    file.commit();
    report(context, events, *output_);
    if (!with_key_ && is_whole(context, selection)) warn_of_left_out(context);
    return ExitStatus::kDone;
  }

 private:
  // Whether a ledger could be made of the export.
  static bool is_whole(const Context& context, const EventSelection& selection) {
    return !context.separation() && !selection.from && !selection.since && selection.is_range_only();
  }

  // A key that is erased meanwhile may still be there; the import of the event that erased it removes it.
  static void add_seal_keys(const Context& context, std::vector<std::string>& lines) {
    if (!SealKeyFile::exists(context.data)) return;
    std::vector<SealKeyId> retired;
    ViewedLedger viewed(context);
    if (const SealKeys* const keys = viewed.ledger().log().store().seal_keys()) retired = keys->retired();
    const SealKeyFile file(context.data, SealKeyFile::Access::kRead);
    for (const TenantKey& key : file.keys()) {
      if (std::find(retired.begin(), retired.end(), key.key.id) == retired.end())
        lines.push_back(seal_key_to_json(key));
    }
    if (lines.size() > 1)
      write_stderr(
          fmt::format("runledger: warning: seal_keys.in_clear: the export has the keys of {} tenants in clear: "
                      "whoever has it can read every copy of their events, backups included, whatever is "
                      "erased later: keep it as you keep seal.keys, or remove it\n",
                      lines.size() - 1));
  }

  // Through a connection, it cannot be known whether the ledger seals.
  static void warn_of_left_out(const Context& context) {
    if (context.connect || !SealKeyFile::exists(context.data)) return;
    write_stderr(
        "runledger: warning: seal_keys.left_out: the export has no keys of tenants: a ledger that is made of it cannot "
        "use what they wrote, and does not recognise their requests, unless it gets seal.keys and the master key; "
        "`export --with-key` carries the keys\n");
  }

  // The key is in the ledger's directory, not behind any interface of a daemon.
  [[nodiscard]] std::string require_key_line(const Context& context, const EventSelection& selection) const {
    require_no_connect(context);
    if (!is_whole(context, selection))
      refuse("usage",
             "expected --with-key without --from, --since, --workspace, --tenant, --type and columns: only a whole log "
             "can be taken in with its key");
    if (!output_ && context.out.terminal())
      refuse("usage",
             "expected --with-key together with --output, or standard output to be no terminal: it would show "
             "the key");
    if (output_) require_private(*output_);
    require_ledger(context.data);
    return identity_key_to_json(read_identity_key(context.data));
  }

  [[nodiscard]] ExitStatus export_evidence(const Context& context, const EventSelection& selection) const {
    require_no_connect(context);
    const bool selects_others = selection.from || selection.to || selection.since || selection.until ||
                                selection.as_of || selection.filter.type || with_key_ || context.separation();
    if (selects_others || (!selection.workspace && !selection.filter.tenant))
      refuse("usage", "expected --evidence together with --workspace, --tenant or both, and with --output alone");
    require_ledger(context.data);
    const AuditKey key(context.data);  // First, as the command `checkpoint` does.
    QuiescentLedger resting(context);
    const ScopeProver prover(resting.ledger().log());
    const Scope scope = selection.workspace ? Scope{*selection.workspace, selection.filter.tenant}
                                            : require_answer(prover.find_scope(*selection.filter.tenant));
    const ScopeEvidence evidence = require_answer(prover.prove(scope, key, SystemClock().now()));
    if (!output_) {
      prover.write(evidence, [&context](std::string_view piece) { context.out.write(piece); });
      return ExitStatus::kDone;
    }
    ReplacedFile file(*output_);
    prover.write(evidence, [&file](std::string_view piece) { file.out().write(piece); });
    file.commit();
    report(context, evidence.included.events.size, *output_);
    return ExitStatus::kDone;
  }

  // The file keeps the mode of the one that it replaces.
  static void require_private(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    using std::filesystem::perms;
    if (error || !std::filesystem::exists(status)) return;
    if ((status.permissions() & (perms::group_all | perms::others_all)) != perms::none)
      refuse("output.insecure",
             fmt::format("expected {} to be for its owner only, as it gets secret keys, found mode {:04o}", path,
                         static_cast<unsigned>(status.permissions())));
  }

  TypedEventSelection selection_;
  Typed output_;
  bool with_key_ = false;
  bool evidence_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_export() {
  return std::make_unique<Export>();
}

}  // namespace runledger
