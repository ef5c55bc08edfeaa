// Carries lines through a window into the ledger of this process, or in parts to a daemon.
//
// EmbeddedJournal translates each line to a command and submits it to the sequencer through an ImportWindow. The window
// holds as many lines as kBatchesUnderWay commits take, so that the sequencer decides one batch while this thread reads
// and translates the next ones. The window matches answers to lines and settles them in order.
//
// RemoteJournal sends the text instead, because the daemon does the translation. It gathers lines in a part, and sends
// the part as one call when its number of lines or of bytes would exceed a limit, or on drain(). A call answers every
// line of the part. If the daemon is busy, it answers some line with "overloaded", and then no later line of the part
// has had an effect. So drain() settles the lines before the first such answer, keeps the others, waits, and sends them
// again. Each line that is taken renews the deadline. When it has passed, drain() settles all lines, with the rejection
// as their answer, and the caller ends the import.
//
// What makes this right: part_.lines and pending_ have the same lines in the same order, and both lose lines only at
// their front, together, as these are settled. Sending a line twice is harmless, because its command id is made of its
// number and text: the ledger answers the second time as repeated.
#include "tools/cli/importing/journal_sink.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "ledger/base/retry.h"
#include "tools/cli/exit_status.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kBatchesUnderWay = 4;
constexpr milliseconds kRetryTimeout = std::chrono::seconds(60);
constexpr RetryDelays kGiveAgain{.first = milliseconds(50), .max = milliseconds(2000)};

class EmbeddedJournal final : public JournalSink {
 public:
  EmbeddedJournal(Ledger& ledger, const JournalSource& source, const Catalog& catalog, std::size_t batch,
                  ImportWindow::Settle settle)
      : translator_(ledger.identity_key(), std::make_shared<JournalImport>(catalog, this_user(), source.remembered),
                    source.name, source.names),
        adopts_(source.adopts),
        window_(ledger.sequencer(), batch * kBatchesUnderWay, std::move(settle)) {}

  void add(PendingLine line, std::string_view text) override {
    JournalLine translated = adopts_ ? translator_.adopt(text) : translator_.translate(line.number, text);
    line.kind = translated.kind;
    window_.add(std::move(line), std::move(translated.submission));
  }
  void drain() override { window_.drain(); }

 private:
  JournalTranslator translator_;
  bool adopts_;
  ImportWindow window_;
};

[[noreturn]] void refuse(const Rejection& rejection) {
  throw RefusedWith(rejection, exit_status(rejection));
}

bool is_overloaded(const Answer& answer) {
  const auto* rejection = std::get_if<Rejection>(&answer);
  return rejection != nullptr && rejection->code == "overloaded";
}

// Gathers lines in a part, and sends each part as one call, until the daemon has taken all of its lines.
class RemoteJournal final : public JournalSink {
 public:
  RemoteJournal(std::shared_ptr<RpcLink> link, JournalSource source, std::size_t batch, ImportWindow::Settle settle)
      : link_(std::move(link)),
        batch_(std::min(batch, kLinesPerCallMax)),
        settle_(std::move(settle)),
        part_{.source = std::move(source)} {}

  void add(PendingLine line, std::string_view text) override {
    if (part_.lines.size() == batch_ || (!part_.lines.empty() && bytes_ + text.size() > kJournalPartBytesMax)) drain();
    part_.lines.push_back({line.number, std::string(text)});
    pending_.push_back(std::move(line));
    bytes_ += text.size();
  }

  void drain() override {
    bytes_ = 0;
    if (part_.lines.empty()) return;
    auto deadline = steady_clock::now() + kRetryTimeout;
    for (unsigned tries = 1;; ++tries) {
      const milliseconds delay = kGiveAgain.after(tries);
      const std::vector<JournalAnswer> answers = give();
      const bool last = steady_clock::now() + delay > deadline;
      const auto deferred = std::find_if(answers.begin(), answers.end(), [&](const JournalAnswer& each) {
        return !last && is_overloaded(each.answer);
      });
      settle(answers, static_cast<std::size_t>(deferred - answers.begin()));
      if (part_.lines.empty()) return;
      std::this_thread::sleep_for(delay);
      if (deferred == answers.begin()) continue;
      tries = 0;
      deadline = steady_clock::now() + kRetryTimeout;
    }
  }

 private:
  // A daemon that is too busy to look at the part at all has deferred every line of it.
  [[nodiscard]] std::vector<JournalAnswer> give() {
    auto answers = import_remotely(*link_, part_);
    if (answers) return *std::move(answers);
    if (!is_overloaded(answers.rejection())) refuse(answers.rejection());
    return std::vector<JournalAnswer>(part_.lines.size(), {LineKind::kUnknown, answers.rejection()});
  }

  // Settles the first `count` lines. They leave the part before the first call of settle_, which may throw.
  void settle(const std::vector<JournalAnswer>& answers, std::size_t count) {
    const auto end = static_cast<std::ptrdiff_t>(count);
    part_.lines.erase(part_.lines.begin(), part_.lines.begin() + end);
    std::vector<PendingLine> settled(std::move_iterator(pending_.begin()), std::move_iterator(pending_.begin() + end));
    pending_.erase(pending_.begin(), pending_.begin() + end);
    for (std::size_t i = 0; i < count; ++i) {
      settled[i].kind = answers[i].kind;
      settle_(settled[i], answers[i].answer);
    }
  }

  std::shared_ptr<RpcLink> link_;
  std::size_t batch_;
  ImportWindow::Settle settle_;
  JournalPart part_;
  std::vector<PendingLine> pending_;  // One for each line of the part.
  std::size_t bytes_ = 0;             // The length of the part's lines.
};

}  // namespace

void need_import(RpcLink& link, const JournalSource& source) {
  const auto answers = import_remotely(link, {.source = source});
  if (!answers) refuse(answers.rejection());
}

std::unique_ptr<JournalSink> embedded_journal(Ledger& ledger, const JournalSource& source, const Catalog& catalog,
                                              std::size_t batch, ImportWindow::Settle settle) {
  return std::make_unique<EmbeddedJournal>(ledger, source, catalog, batch, std::move(settle));
}

std::unique_ptr<JournalSink> remote_journal(std::shared_ptr<RpcLink> link, JournalSource source, std::size_t batch,
                                            ImportWindow::Settle settle) {
  return std::make_unique<RemoteJournal>(std::move(link), std::move(source), batch, std::move(settle));
}

}  // namespace runledger
