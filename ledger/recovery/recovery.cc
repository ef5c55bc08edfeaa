// Appends in batches, and one by one where a batch is refused: then the first event that cannot follow is known.
#include "ledger/recovery/recovery.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "ledger/backup/durable_file.h"
#include "ledger/backup/restoration.h"
#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/ledger.h"
#include "ledger/log/codec.h"
#include "ledger/log/store/ledger_files.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kEventsPerBatch = 2048;
constexpr std::size_t kBytesPerBatchMax = 8U << 20U;

void copy_if_there(const fs::path& from, const fs::path& to, const char* name) {
  std::error_code error;
  if (fs::exists(from / name, error)) (void)copy_durably(from / name, to / name);
}

class Appending {
 public:
  Appending(Ledger& to, DamagedLedger& from, const Progress& progress) : to_(to), from_(from), progress_(progress) {}

  Scan take(Sequence position, std::string_view stored) {
    if (position > from_.last_good) return Scan::kStop;
    batch_.push_back(decode(position, stored));
    bytes_ += stored.size();
    if (batch_.size() >= kEventsPerBatch || bytes_ >= kBytesPerBatchMax) append();
    return refused_ ? Scan::kStop : Scan::kContinue;
  }

  void finish() {
    if (!refused_) append();
    if (!refused_) RUNLEDGER_ASSERT(to_.log().last() == from_.last_good && to_.log().head().tree.root() == from_.root);
  }

 private:
  std::optional<Rejection> append(std::vector<Envelope> envelopes) {
    const Answer answer = to_.sequencer().append_verbatim(std::move(envelopes)).get();
    if (const auto* unknown = std::get_if<UnknownOutcome>(&answer))
      throw Failure(Remedy::kCallOperator, "storage.failed", "writing the new ledger: " + unknown->what);
    const auto* rejection = std::get_if<Rejection>(&answer);
    return rejection == nullptr ? std::nullopt : std::optional(*rejection);
  }

  void append() {
    if (batch_.empty()) return;
    if (append(batch_)) {
      for (const Envelope& envelope : batch_) {
        if (const auto rejection = append({envelope})) return end(envelope.sequence, *rejection);
      }
    }
    if (progress_) progress_(to_.log().last().value, from_.last_good.value);
    batch_.clear();
    bytes_ = 0;
  }

  void end(Sequence at, const Rejection& rejection) {
    refused_ = true;
    from_.damage.push_back({"stream.illegal", at, rejection.detail.str()});
    from_.given_up += from_.last_good.value - at.value + 1;
    from_.last_good = to_.log().last();
    from_.root = to_.log().head().tree.root();
    from_.agreed = std::min(from_.agreed, from_.last_good);
  }

  Ledger& to_;
  DamagedLedger& from_;
  const Progress& progress_;
  std::vector<Envelope> batch_;
  std::size_t bytes_ = 0;
  bool refused_ = false;
};

}  // namespace

Recovery::Recovery(const DamagedLedger& from, const fs::path& into)
    : directory_(into, DataDirectory::Purpose::kCreate) {
  const IdentityKey key = read_identity_key(from.directory);
  Store::create_again(
      {.directory = aside()}, key,
      {.format = from.format.value(), .ledger_id = from.ledger_id.value(), .identity_key_id = key.id()});
  for (const char* name : {kSealKeysFile, kSealMasterFile}) copy_if_there(from.directory, aside(), name);
  sync_directory(aside());
}

void Recovery::append_events(const Salvage& salvage, DamagedLedger& from, const Progress& progress) const {
  Ledger::Options options;
  options.directory = aside();
  options.sequencer.when_behind = WhenBehind::kWait;
  Ledger ledger(options);
  Appending appending(ledger, from, progress);
  salvage.scan([&](Sequence position, std::string_view stored) { return appending.take(position, stored); });
  appending.finish();
}

void Recovery::take_keys(const DamagedLedger& from) const {
  copy_if_there(from.directory, aside(), "access-tokens");
  copy_audit_key(from.directory, aside(), from.last_good);
  sync_directory(aside());
}

Recovered append_recovered(EventLog& log, const DamagedLedger& from, const Caller& caller, Time now) {
  const std::uint64_t skipped = numbers_to_skip(log.last(), from.named);
  RUNLEDGER_ASSERT(log.last() == from.last_good && !from.damage.empty());
  const LedgerDamage& damage = from.damage.back();
  Recovered event{.skipped = skipped,
                  .outside_mark = from.named,
                  .kept = from.last_good.value,
                  .given_up = from.given_up,
                  .damage = sanitize(damage.code + ": " + damage.what)};
  append_going_on(log, event, from.named, caller, now);
  return event;
}

}  // namespace runledger
