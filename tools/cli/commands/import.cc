// `runledger import`: takes in a journal of a foreign source, or an export of a ledger.
//
// run() checks everything that could refuse the import before it touches anything: it parses the options, opens all
// files, and makes the ImportTarget, which finds the daemon or opens the ledger. Only then does it
// truncate the rejects file. With --verbatim, import_verbatim() takes over from there.
//
// For a journal, Import reads the files one after the other and adds each line to a JournalSink. The sink calls
// settle() with each line's answer, in the order of the lines and on this thread, so that neither the report nor the
// rejects file needs a lock, and rejected lines keep their order. A line that is too long never reaches the sink: all
// earlier lines are settled first, then its text flows from the file into the rejects file piece by piece.
//
// With --retry-rejected, the lines that were rejected lie in a LineSpool until all others are settled. They are then
// asked once more through a second sink, and what was counted for them is taken back as they are settled.
//
// A rejection that is about the line is counted, and the import goes on. An unknown outcome, "overloaded" and
// "storage.full" say nothing about the line, so they end the import, with the file and the line in the message.
// Importing the same files again is always safe, because each line's command id is made of its number and text: lines
// that the ledger has taken are counted as repeated. That is why every such message ends with "import it again", and
// why the report is printed however the import ends.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include "projections/rows/store.h"
#include "tools/cli/importing/journal_sink.h"
#include "tools/cli/importing/line_reader.h"
#include "tools/cli/importing/line_spool.h"
#include "tools/cli/importing/rejects_file.h"
#include "tools/cli/importing/report.h"
#include "tools/cli/importing/target.h"
#include "tools/cli/importing/verbatim.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

constexpr std::uint64_t kBatchDefault = 2048;
constexpr std::uint64_t kBatchTypedMax = 65536;
constexpr std::size_t kBatchMax = EventLog::kEventsPerAppendMax / 3;  // What the sequencer takes in one commit.
constexpr std::uint64_t kLinesPerProgress = 1024;

// One import of a journal, from its first line to its last.
class Import {
 public:
  // What a sink is given: the lines of the journal, those that were rejected once more, or the runs to be adopted.
  enum class Pass { kLines, kRejected, kAdoptions };
  using Open = std::function<std::unique_ptr<JournalSink>(Pass, ImportWindow::Settle)>;
  // `report` counts the settled lines. `files`, `rejects` (which may be null) and `report` are not owned. `open` makes
  // a sink, which settles lines by calling the function that it gets. With kDecideAnew, rejected lines are kept for
  // retry_rejected().
  Import(Open open, const std::vector<std::string>& files, RejectsFile* rejects, ImportReport& report,
         RememberedRejections remembered)
      : files_(files),
        rejects_(rejects),
        report_(report),
        keeps_rejected_(remembered == RememberedRejections::kDecideAnew),
        open_(std::move(open)) {
    open_sink(Pass::kLines);
  }

  void read(std::size_t file, LineReader& reader, const Progress& progress) {
    while (const std::optional<Line> line = reader.next()) {
      if (line->number % kLinesPerProgress == 0) progress(reader.position(), reader.size());
      if (!line->whole) {
        refuse_long_line(file, *line, reader);
        continue;
      }
      sink_->add({.file = file, .number = line->number, .raw = std::string(line->raw)}, line->text);
    }
  }

  // Asks every line that was rejected once more, in the order of the lines. Call it after the last read().
  void retry_rejected() {
    sink_->drain();
    if (!keeps_rejected_) return;
    keeps_rejected_ = false;
    open_sink(Pass::kRejected);
    while (std::optional<LineSpool::Entry> entry = rejected_.next()) {
      first_codes_.push_back(std::move(entry->code));
      std::string text = entry->line.raw;
      if (text.ends_with('\r')) text.pop_back();
      sink_->add(std::move(entry->line), text);
    }
  }

  // Takes over the runs that the lines left open. Call it after retry_rejected().
  void adopt() {
    sink_->drain();
    adopting_ = true;
    open_sink(Pass::kAdoptions);
    const std::set<RunId> runs = std::exchange(open_runs_, {});
    std::uint64_t number = 0;
    for (const RunId& run : runs) {
      const std::string id = format_uuid(run.value);
      sink_->add({.file = 0, .number = ++number, .raw = id}, id);
    }
  }

  void finish() {
    sink_->drain();
    if (rejects_ != nullptr) rejects_->flush();
  }

 private:
  void open_sink(Pass pass) {
    sink_ = open_(pass, [this](const PendingLine& line, const Answer& answer) { settle(line, answer); });
  }

  void settle(const PendingLine& line, const Answer& answer) {
    if (adopting_) return settle_adoption(line, answer);
    if (!first_codes_.empty()) {
      report_.uncount_rejected(line.kind, first_codes_.front());
      first_codes_.pop_front();
    }
    if (const auto* reply = std::get_if<Reply>(&answer)) {
      note_open(*reply);
      return report_.count(line.kind, *reply);
    }
    if (const auto* unknown = std::get_if<UnknownOutcome>(&answer))
      throw Failure(Remedy::kAskLedger, "outcome.unknown",
                    fmt::format("{} line {}: {}; import it again", files_[line.file], line.number, unknown->what));
    const Rejection& rejection = std::get<Rejection>(answer);
    throw_if_deferred(fmt::format("{} line {}", files_[line.file], line.number), rejection);
    report_.count(line.kind, rejection);
    if (keeps_rejected_) return rejected_.add({.line = line, .code = rejection.code});
    if (rejects_ == nullptr) return;
    rejects_->begin_line(file_name(line.file), line.number, rejection);
    rejects_->text(line.raw);
    rejects_->end_line();
  }

  // Neither code is about the line, so going on would lose it.
  static void throw_if_deferred(const std::string& what, const Rejection& rejection) {
    if (rejection.code != "overloaded" && rejection.code != "storage.full") return;
    throw RefusedWith(reject(rejection.code, fmt::format("{}: {}; import it again", what, rejection.detail.str())),
                      exit_status(rejection));
  }

  // Keeps in mind which runs the lines have left open so far.
  void note_open(const Reply& reply) {
    if (reply.rule) return;  // The answer is about a run of another line.
    if (reply.status == RunStatus::kCompleted)
      open_runs_.erase(reply.run);
    else
      open_runs_.insert(reply.run);
  }

  void settle_adoption(const PendingLine& line, const Answer& answer) {
    if (const auto* unknown = std::get_if<UnknownOutcome>(&answer))
      throw Failure(Remedy::kAskLedger, "outcome.unknown",
                    fmt::format("run {}: {}; import it again", line.raw, unknown->what));
    if (const auto* reply = std::get_if<Reply>(&answer)) {
      report_.adopted += reply->repeated ? 0 : 1;
      report_.events += reply->events;
      return;
    }
    const Rejection& rejection = std::get<Rejection>(answer);
    throw_if_deferred("run " + line.raw, rejection);
    if (rejection.code == "run.completed") return;  // It is not open any more.
    ++report_.not_adopted[rejection.code];
    write_stderr(
        fmt::format("runledger: run {} was not adopted: {}: {}\n", line.raw, rejection.code, rejection.detail.str()));
  }

  // The whole text goes to the rejects file, but is never in memory as a whole.
  void refuse_long_line(std::size_t file, const Line& line, LineReader& reader) {
    sink_->drain();
    const Rejection rejection =
        reject("journal.line_too_long", fmt::format("expected at most {} bytes", kJournalLineBytesMax));
    report_.count(LineKind::kUnknown, rejection);
    if (rejects_ == nullptr) return;
    rejects_->begin_line(file_name(file), line.number, rejection);
    rejects_->text(line.raw);
    reader.read_rest([&](std::string_view piece) { rejects_->text(piece); });
    rejects_->end_line();
  }

  [[nodiscard]] std::string_view file_name(std::size_t file) const {
    return files_.size() == 1 ? std::string_view() : std::string_view(files_[file]);
  }

  const std::vector<std::string>& files_;
  RejectsFile* rejects_;
  ImportReport& report_;
  bool keeps_rejected_;                  // Rejected lines are kept for a second pass.
  LineSpool rejected_;                   // These lines.
  std::deque<std::string> first_codes_;  // The codes of the lines that are asked again and not settled yet.
  std::set<RunId> open_runs_;            // The runs that the lines have left open.
  bool adopting_ = false;                // The sink is given runs to be adopted.
  Open open_;
  std::unique_ptr<JournalSink> sink_;  // Declared last, because its destructor may wait while the others are in use.
};

class ImportSubcommand final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "import",
            .summary = "Takes in a journal of another source, or with --verbatim an export of a ledger",
            .example = "  runledger import --catalog catalog.json --rejects rejects.tsv journal.jsonl.gz"};
  }

  void declare(Options& options) override {
    options.arguments("FILE", "JSON lines, plain or gzip; - reads standard input", files_);
    options.value(
        "--catalog", "FILE",
        "The policies of the journal's types, in place of the built-in ones; before `import` it is the global "
        "option, which adds to them",
        catalog_);
    options.value("--namespace", "NAME", "Tells the keys of this source from those of others (default import)", name_);
    options.value("--rejects", "FILE",
                  "Writes the rejected lines there: number, code, reason and text, separated by tabs", rejects_);
    options.flag("--map-names",
                 "Maps names that a ledger does not take, such as App\\Jobs\\X or auth0|x, by a rule that can be "
                 "reversed, instead of rejecting their lines",
                 map_names_);
    options.flag("--retry-rejected",
                 "Asks the rejected lines once more, after all others, also those that an earlier import of the same "
                 "lines rejected",
                 retry_rejected_);
    options.flag("--adopt",
                 "Takes over the runs that the journal leaves open, so that workers here get them; runs whose identity "
                 "a live run holds stay as they are",
                 adopt_);
    options.flag("--fail-on-reject", "Ends with status 3 if a line was rejected", fail_on_reject_);
    options.flag("--dry-run", "Imports into a copy of the ledger that is dropped, and prints the report", dry_run_);
    options.number("--batch", "N", "At most so many lines a commit (default 2048)", batch_);
    options.flag("--verbatim",
                 "The files are exports: takes the events over as they are, into an empty ledger or one "
                 "that holds the beginning of them",
                 verbatim_);
  }

  ExitStatus run(const Context& context) override {
    const std::size_t batch = require_batch();
    if (verbatim_ && (catalog_ || name_ || rejects_ || map_names_ || retry_rejected_ || adopt_))
      refuse("usage",
             "--verbatim takes events over as they are: no --catalog, --namespace, --rejects, --map-names, "
             "--retry-rejected or --adopt");
    const JournalSource source = require_source();
    std::vector<std::unique_ptr<LineReader>> readers = open_files();
    VerbatimStart start;
    if (verbatim_) start = read_start(*readers.front());
    if (verbatim_ && !dry_run_) prepare_verbatim(context, start);
    ImportTarget target(context, source, {.verbatim = verbatim_, .dry_run = dry_run_, .batch_max = batch});
    // Only when nothing can refuse the import any more, because this drops the rejects of an earlier import.
    std::unique_ptr<RejectsFile> rejects = open_rejects();
    const auto started = std::chrono::steady_clock::now();
    ImportReport report;
    report.dry_run = dry_run_;
    const auto print_summary = [&] {
      report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
      print_report(context, report);
    };
    try {
      if (verbatim_)
        import_verbatim(*target.ledger(), files_, readers, start, batch, context, report);
      else
        import_journal(target, source, batch, rejects.get(), readers, context, report);
    } catch (...) {  // The lines that were taken in before the error stay in the ledger.
      print_summary();
      throw;
    }
    print_summary();
    bring_up_rows(target, context);
    report_damage(readers);
    return tell_rejected(report, context);
  }

 private:
  void import_journal(ImportTarget& target, const JournalSource& source, std::size_t batch, RejectsFile* rejects,
                      const std::vector<std::unique_ptr<LineReader>>& readers, const Context& context,
                      ImportReport& report) const {
    const auto open = [&](Import::Pass pass, ImportWindow::Settle settle) {
      JournalSource asked = source;
      asked.remembered =
          pass == Import::Pass::kRejected ? RememberedRejections::kDecideAnew : RememberedRejections::kStand;
      asked.adopts = pass == Import::Pass::kAdoptions;
      return target.daemon() ? remote_journal(target.daemon(), std::move(asked), batch, std::move(settle))
                             : embedded_journal(*target.ledger(), asked, target.rules(), batch, std::move(settle));
    };
    Import import(open, files_, rejects, report, source.remembered);
    for (std::size_t i = 0; i < readers.size(); ++i) import.read(i, *readers[i], progress_bar(context, files_[i]));
    import.retry_rejected();
    if (adopt_) import.adopt();
    import.finish();
  }

  // Otherwise the next command that reads rows would have to fold all that was imported. A daemon does so by itself.
  void bring_up_rows(ImportTarget& target, const Context& context) const {
    if (dry_run_ || target.ledger() == nullptr) return;
    RowStore rows(target.ledger()->log());
    rows.catch_up(progress_bar(context, "rows"));
    rows.flush();
  }

  // In JSON mode, standard output has the report and nothing else.
  [[nodiscard]] ExitStatus tell_rejected(const ImportReport& report, const Context& context) const {
    const std::uint64_t rejected = report.totals.rejected;
    if (rejected == 0) return ExitStatus::kDone;
    const std::string line = fmt::format("{} of {} lines were rejected{}", rejected, report.lines,
                                         rejects_ ? "" : "; --rejects FILE keeps them, with the reason");
    if (context.json())
      write_stderr("runledger: " + line + "\n");
    else
      context.out.line(line);
    return fail_on_reject_ ? ExitStatus::kDeduped : ExitStatus::kDone;
  }

  [[nodiscard]] std::vector<std::unique_ptr<LineReader>> open_files() const {
    std::vector<std::unique_ptr<LineReader>> readers;
    for (const std::string& file : files_) readers.push_back(std::make_unique<LineReader>(file, kJournalLineBytesMax));
    return readers;
  }

  // Refuses to open one of the files to import, because that would truncate it before it is read.
  [[nodiscard]] std::unique_ptr<RejectsFile> open_rejects() const {
    if (!rejects_) return nullptr;
    for (const std::string& file : files_) {
      std::error_code missing;
      if (std::filesystem::equivalent(file, *rejects_, missing))
        refuse("rejects.unwritable", fmt::format("expected another file than {}, which is to be imported", file));
    }
    return std::make_unique<RejectsFile>(*rejects_);
  }

  [[nodiscard]] std::size_t require_batch() const {
    const std::uint64_t typed =
        require_number(batch_, "batch", {.min = 1, .max = kBatchTypedMax}).value_or(kBatchDefault);
    return std::min<std::size_t>(typed, kBatchMax);
  }

  [[nodiscard]] JournalSource require_source() const {
    JournalSource source;
    if (map_names_) source.names = JournalNames::kMapped;
    if (retry_rejected_) source.remembered = RememberedRejections::kDecideAnew;
    if (name_) source.name = need(parse_journal_namespace(*name_));
    if (catalog_) source.catalog = require_file(*catalog_, "catalog", kJournalCatalogBytesMax);
    return source;
  }

  // Called after the report, so that the user knows how much of the file was taken in.
  static void report_damage(const std::vector<std::unique_ptr<LineReader>>& readers) {
    for (const auto& reader : readers) {
      if (reader->damage())
        throw Failure(Remedy::kCallOperator, "journal.unreadable",
                      "expected to read the file to its end, found: " + *reader->damage());
    }
  }

  std::vector<std::string> files_;
  Typed catalog_;
  Typed name_;
  Typed rejects_;
  Typed batch_;
  bool map_names_ = false;
  bool retry_rejected_ = false;
  bool adopt_ = false;
  bool fail_on_reject_ = false;
  bool dry_run_ = false;
  bool verbatim_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_import() {
  return std::make_unique<ImportSubcommand>();
}

}  // namespace runledger
