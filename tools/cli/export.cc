// `runledger export`: the log as JSON lines.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ledger/envelope_json.h"
#include "tools/cli/arguments.h"
#include "tools/cli/replaced_file.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

void write_events(const EventLog& log, SequenceRange range, const Progress& progress, Output& out) {
  if (range.from > range.to) return;
  log.scan(Sequence{range.from.value - 1}, range.to, [&](const Envelope& envelope, std::string_view) {
    out.line(envelope_to_json(envelope));
    progress(envelope.sequence.value - range.from.value + 1, range.to.value - range.from.value + 1);
    return Scan::kContinue;
  });
}

void report(const Context& context, SequenceRange range, const std::string& file) {
  const std::uint64_t events = range.from > range.to ? 0 : range.to.value - range.from.value + 1;
  if (context.json()) {
    context.out.line(nlohmann::ordered_json{{"events", events}, {"file", file}}.dump(
        -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
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
                "  runledger export --from 1000 | gzip > newer.jsonl.gz"};
  }

  void declare(Options& options) override {
    options.value("--from", "SEQ", "The first event (default 1)", from_);
    options.value("--to", "SEQ", "The last event (default: the last there is)", to_);
    options.value("-o,--output", "FILE", "Writes this file, whole or not at all, instead of standard output", output_);
  }

  ExitStatus run(const Context& context) override {
    Ledger ledger = open_ledger(context);
    const SequenceRange range = require_range(from_, to_, ledger.log().last());
    if (!output_) {
      write_events(
          ledger.log(), range, [](auto, auto) {}, context.out);
      return ExitStatus::kDone;
    }
    ReplacedFile file(*output_);
    write_events(ledger.log(), range, progress_bar(context, "exporting"), file.out());
    file.commit();
    report(context, range, *output_);
    return ExitStatus::kDone;
  }

 private:
  Typed from_;
  Typed to_;
  Typed output_;
};

}  // namespace

std::unique_ptr<Subcommand> make_export() {
  return std::make_unique<Export>();
}

}  // namespace runledger
