// `runledger why`: tells why a run is not being carried out.
#include <fmt/format.h>

#include "tools/cli/ask.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/output/answer_table.h"
#include "tools/cli/output/brief_time.h"
#include "tools/cli/run_name.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

struct Sentence {
  std::string_view reason;
  std::string_view text;
};

constexpr Sentence kSentences[] = {
    {"running", "it is being carried out"},
    {"lease_expired", "its worker has given no sign of life, and the attempt is about to be taken back"},
    {"completed", "it is completed"},
    {"imported_open", "a journal left it open, so it is the business of the journal's source"},
    {"backoff", "it is not due yet"},
    {"due", "it is due, and next"},
    {"in_line", "it is due, and others of its type and scope are due before it"},
    {"no_claim", "it is due, and no worker waits for runs of its type and scope"},
    {"no_token", "it is due, and no access token could claim it"},
};

std::string sentence_of(const std::string& reason) {
  for (const Sentence& sentence : kSentences) {
    if (sentence.reason == reason) return std::string(sentence.text);
  }
  return reason;
}

void print_why(const JsonValue& answer, Output& out) {
  const std::string reason = cell_text(answer.find("reason"));
  out.line(fmt::format("{}: {}", reason, sentence_of(reason)));
  for (const auto& [name, member] : {std::pair("status", "status"),
                                     {"attempt", "attempt"},
                                     {"of at most", "max_attempts"},
                                     {"due", "due_at"},
                                     {"due for s", "due_for_seconds"},
                                     {"due in s", "due_in_seconds"},
                                     {"before it", "queued_before"},
                                     {"reason", "reason_code"},
                                     {"failure", "failure"},
                                     {"lease", "lease"},
                                     {"claims", "claims_waiting"},
                                     {"tokens", "tokens"}}) {
    std::string text = cell_text(answer.find(member));
    if (const Result<Time> time = parse_time(text)) text = time_text(*time, out);
    if (text != "-") out.line(fmt::format("  {:<12}{}", name, text));
  }
  const auto* starts = answer.find<JsonValue::Array>("last_starts");
  if (starts == nullptr || starts->empty()) return;
  out.line("");
  print_answer(answer, "last_starts",
               {{{"LAST STARTS", Fit::kTime}, "recorded_at"}, {"WORKER", "worker"}, {{"RUN", Fit::kId}, "run_id"}},
               out);
}

class Why final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "why",
            .summary = "Why a run is not being carried out: since when it is due, and who could",
            .example = "  runledger why 5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11"};
  }

  void declare(Options& options) override { options.argument("RUN", kRunHelp, run_); }

  ExitStatus run(const Context& context) override {
    const RunName name = RunName::require(run_);
    ReadingConnection ledger(context);
    Question question{.about = "why", .parameters = {}};
    question.parameters.add("run", format_uuid(name.find(ledger.reader()).value));
    return ask(context, ledger.reader(), question, print_why);
  }

 private:
  std::string run_;
};

}  // namespace

std::unique_ptr<Subcommand> make_why() {
  return std::make_unique<Why>();
}

}  // namespace runledger
