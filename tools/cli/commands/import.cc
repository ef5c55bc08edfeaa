// `runledger import`: takes in a journal of a foreign source, or an export of a ledger.
//
// run() checks everything that could refuse the import before it touches anything: it parses the options, opens all
// files, finds the daemon (or opens the ledger), and asks the daemon whether it takes the source. Only then does it
// truncate the rejects file. With --verbatim, import_verbatim() takes over from there.
//
// For a journal, Import reads the files one after the other and adds each line to a JournalSink. The sink calls
// settle() with each line's answer, in the order of the lines and on this thread, so that neither the report nor the
// rejects file needs a lock, and rejected lines keep their order. A line that is too long never reaches the sink: all
// earlier lines are settled first, then its text flows from the file into the rejects file piece by piece.
//
// A rejection that is about the line is counted, and the import goes on. An unknown outcome, "overloaded" and
// "storage.full" say nothing about the line, so they end the import, with the file and the line in the message.
// Importing the same files again is always safe, because each line's command id is made of its number and text: lines
// that the ledger has taken are counted as repeated. That is why every such message ends with "import it again", and
// why the report is printed however the import ends.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "clients/cpp/connect.h"
#include "ledger/base/descriptor.h"
#include "tools/cli/importing/journal_sink.h"
#include "tools/cli/importing/line_reader.h"
#include "tools/cli/importing/report.h"
#include "tools/cli/importing/verbatim.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

constexpr std::uint64_t kBatchDefault = 2048;
constexpr std::uint64_t kBatchTypedMax = 65536;
constexpr std::size_t kBatchMax = EventLog::kEventsPerAppendMax / 3;  // What the sequencer takes in one commit.
constexpr std::uint64_t kLinesPerProgress = 1024;

Descriptor open_rejects_file(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.is_open()) refuse("rejects.unwritable", fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  struct stat status {};
  const bool is_file = ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
  if (!is_file || ::fchmod(file.get(), 0600) == 0) return file;  // An existing file keeps its old mode.
  refuse("rejects.unwritable", fmt::format("cannot keep others from reading {}: {}", path, std::strerror(errno)));
}

// The file of --rejects: LINE<tab>CODE<tab>the text of the line. Only its owner can read it, because a line may have
// been rejected for holding a secret.
class RejectsFile {
 public:
  explicit RejectsFile(const std::string& path) : file_(open_rejects_file(path)), out_(file_.get(), path) {}

  // `file` is empty when the import has only one file.
  void begin_line(std::string_view file, std::uint64_t number, std::string_view code) {
    out_.write(file.empty() ? fmt::format("{}\t{}\t", number, code) : fmt::format("{}:{}\t{}\t", file, number, code));
  }
  Output& out() { return out_; }

 private:
  Descriptor file_;
  Output out_;
};

// One import of a journal, from its first line to its last.
class Import {
 public:
  using Open = std::function<std::unique_ptr<JournalSink>(ImportWindow::Settle settle)>;
  // `report` counts the settled lines. `files`, `rejects` (which may be null) and `report` are not owned. `open` makes
  // the sink, which settles lines by calling the function that it gets.
  Import(const Open& open, const std::vector<std::string>& files, RejectsFile* rejects, ImportReport& report)
      : files_(files),
        rejects_(rejects),
        report_(report),
        sink_(open([this](const PendingLine& line, const Answer& answer) { settle(line, answer); })) {}

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

  void finish() {
    sink_->drain();
    if (rejects_ != nullptr) rejects_->out().flush();
  }

 private:
  void settle(const PendingLine& line, const Answer& answer) {
    if (const auto* reply = std::get_if<Reply>(&answer)) return report_.count(line.kind, *reply);
    if (const auto* unknown = std::get_if<UnknownOutcome>(&answer))
      throw Failure(Remedy::kAskLedger, "outcome.unknown",
                    fmt::format("{} line {}: {}; import it again", files_[line.file], line.number, unknown->what));
    const Rejection& rejection = std::get<Rejection>(answer);
    // Neither code is about the line, so going on would lose it.
    if (rejection.code == "overloaded" || rejection.code == "storage.full")
      throw RefusedWith(reject(rejection.code, fmt::format("{} line {}: {}; import it again", files_[line.file],
                                                           line.number, rejection.detail.str())),
                        exit_status(rejection));
    report_.count(line.kind, rejection);
    if (rejects_ == nullptr) return;
    rejects_->begin_line(file_name(line.file), line.number, rejection.code);
    rejects_->out().line(line.raw);
  }

  // The whole text goes to the rejects file, but is never in memory as a whole.
  void refuse_long_line(std::size_t file, const Line& line, LineReader& reader) {
    sink_->drain();
    report_.count(LineKind::kUnknown,
                  reject("journal.line_too_long", fmt::format("expected at most {} bytes", kJournalLineBytesMax)));
    if (rejects_ == nullptr) return;
    rejects_->begin_line(file_name(file), line.number, "journal.line_too_long");
    rejects_->out().write(line.raw);
    reader.read_rest([&](std::string_view piece) { rejects_->out().write(piece); });
    rejects_->out().line("");
  }

  [[nodiscard]] std::string_view file_name(std::size_t file) const {
    return files_.size() == 1 ? std::string_view() : std::string_view(files_[file]);
  }

  const std::vector<std::string>& files_;
  RejectsFile* rejects_;
  ImportReport& report_;
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
    options.value("--rejects", "FILE", "Writes the rejected lines there: number, code and text, separated by tabs",
                  rejects_);
    options.number("--batch", "N", "At most so many lines a commit (default 2048)", batch_);
    options.flag("--verbatim",
                 "The files are exports: takes the events over as they are, into an empty ledger or one "
                 "that holds the beginning of them",
                 verbatim_);
  }

  ExitStatus run(const Context& context) override {
    const std::size_t batch = require_batch();
    if (verbatim_ && (catalog_ || name_ || rejects_))
      refuse("usage", "--verbatim takes events over as they are: no --catalog, --namespace or --rejects");
    const JournalSource source = require_source();
    std::vector<std::unique_ptr<LineReader>> readers = open_files();
    const std::shared_ptr<RpcLink> daemon = verbatim_ ? nullptr : find_daemon(context);
    const Catalog rules = require_rules(context, source, daemon != nullptr);
    const std::unique_ptr<Ledger> ledger = daemon ? nullptr : open_for_import(context, rules, batch);
    if (daemon) need_import(*daemon, source);
    // Only when nothing can refuse the import any more, because this drops the rejects of an earlier import.
    std::unique_ptr<RejectsFile> rejects = open_rejects();
    const auto started = std::chrono::steady_clock::now();
    ImportReport report;
    const auto print_summary = [&] {
      report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
      print_report(context, report);
    };
    try {
      if (verbatim_) {
        import_verbatim(*ledger, files_, readers, batch, context, report);
      } else {
        const auto open = [&](ImportWindow::Settle settle) {
          return daemon ? remote_journal(daemon, source, batch, std::move(settle))
                        : embedded_journal(*ledger, source, rules, batch, std::move(settle));
        };
        Import import(open, files_, rejects.get(), report);
        read_all(import, readers, context);
      }
    } catch (...) {  // The lines that were taken in before the error stay in the ledger.
      print_summary();
      throw;
    }
    print_summary();
    report_damage(readers);
    return ExitStatus::kDone;
  }

 private:
  static std::unique_ptr<Ledger> open_for_import(const Context& context, const Catalog& rules, std::size_t batch) {
    Sequencer::Options options;
    options.batch_max = batch;
    options.when_behind = WhenBehind::kWait;
    return std::unique_ptr<Ledger>(
        new Ledger(open_ledger(context, rules, options)));  // make_unique would have to move it.
  }

  void read_all(Import& import, const std::vector<std::unique_ptr<LineReader>>& readers, const Context& context) const {
    for (std::size_t i = 0; i < readers.size(); ++i) import.read(i, *readers[i], progress_bar(context, files_[i]));
    import.finish();
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
    if (name_) source.name = need(parse_journal_namespace(*name_));
    if (catalog_) source.catalog = require_file(*catalog_, "catalog", kJournalCatalogBytesMax);
    return source;
  }

  // Without --catalog, a daemon uses its own catalog.
  [[nodiscard]] static Catalog require_rules(const Context& context, const JournalSource& source, bool for_daemon) {
    if (source.catalog) return need(Catalog::parse(*source.catalog, unlisted_in_journals()));
    return for_daemon ? Catalog() : catalog_of(context, unlisted_in_journals());
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
  bool verbatim_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_import() {
  return std::make_unique<ImportSubcommand>();
}

}  // namespace runledger
