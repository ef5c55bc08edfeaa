// Appends batches of envelopes; each batch is appended completely or not at all.
#include "tools/cli/importing/verbatim.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/evidence/erased_keys.h"
#include "ledger/exchange/envelope_json.h"
#include "ledger/exchange/identity_key_json.h"
#include "ledger/exchange/seal_key_json.h"
#include "ledger/log/codec.h"
#include "ledger/log/decision_states.h"
#include "ledger/log/store/store.h"
#include "tools/cli/exit_status.h"

namespace runledger {
namespace {

LineKind line_kind(const Envelope& envelope) {
  return parse_line_kind(kind_name(envelope.event));
}

Reply appended() {
  Reply reply;
  reply.events = 1;
  return reply;
}

class VerbatimImport {
 public:
  VerbatimImport(Ledger& ledger, std::size_t batch_max, ImportReport& report)
      : ledger_(ledger), batch_max_(batch_max), report_(report) {}

  // `first` is the line that was read of the file before.
  void read(const std::string& file, LineReader& reader, std::optional<Line> first, const Progress& progress) {
    file_ = file;
    for (std::optional<Line> line = first ? first : reader.next(); line; line = reader.next()) {
      line_ = line->number;
      if (!line->whole) refuse(reject("journal.line_too_long", "expected an event"), line_, ExitStatus::kInvalid);
      take(*line);
      progress(reader.position(), reader.size());
    }
    append();
  }

 private:
  [[noreturn]] void refuse(const Rejection& rejection, std::uint64_t line, ExitStatus status) {
    throw RefusedWith(reject(rejection.code, fmt::format("{} line {}: {}", file_, line, rejection.detail.str())),
                      status);
  }

  void take(const Line& line) {
    Result<Envelope> envelope = envelope_from_json(line.text);
    if (!envelope) {
      append();  // The good lines before it are kept.
      refuse(envelope.rejection(), line.number, ExitStatus::kInvalid);
    }
    if (envelope->sequence <= ledger_.log().last()) return take_repeated(*envelope);
    batch_.push_back(*std::move(envelope));
    lines_.push_back(line.number);
    if (batch_.size() == batch_max_) append();
  }

  void take_repeated(const Envelope& envelope) {
    // By their stored bytes: the content of one may be sealed here, without its key.
    const std::optional<Envelope> held = ledger_.log().find(envelope.sequence);
    if (!held || encode(*held) != encode(envelope))
      refuse(reject("event.out_of_sequence",
                    fmt::format("expected what the ledger holds at {}, found another event", envelope.sequence.value)),
             line_, ExitStatus::kRefused);
    Reply reply;
    reply.repeated = true;
    report_.count(line_kind(envelope), reply);
  }

  Answer append(std::vector<Envelope> envelopes) {
    const Answer answer = ledger_.sequencer().append_verbatim(std::move(envelopes)).get();
    if (const auto* unknown = std::get_if<UnknownOutcome>(&answer))
      throw Failure(Remedy::kAskLedger, "outcome.unknown", unknown->what + "; import it again");
    return answer;
  }

  void append() {
    if (batch_.empty()) return;
    if (std::holds_alternative<Rejection>(append(batch_))) {
      append_one_by_one();
    } else {
      for (const Envelope& envelope : batch_) report_.count(line_kind(envelope), appended());
    }
    batch_.clear();
    lines_.clear();
  }

  // A refused batch does not tell which line is at fault. Appending one by one finds it, and keeps the lines before it.
  void append_one_by_one() {
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      const Answer answer = append({batch_[i]});
      if (const auto* rejection = std::get_if<Rejection>(&answer))
        refuse(*rejection, lines_[i], exit_status(*rejection));
      report_.count(line_kind(batch_[i]), appended());
    }
  }

  Ledger& ledger_;
  std::size_t batch_max_;
  std::string file_;
  std::uint64_t line_ = 0;
  std::vector<Envelope> batch_;
  std::vector<std::uint64_t> lines_;  // The line numbers of the batch.
  ImportReport& report_;
};

}  // namespace

VerbatimStart read_start(LineReader& reader) {
  VerbatimStart start{.key = {}, .seal_keys = {}, .first = reader.next()};
  if (start.first && is_identity_key_line(start.first->text)) {
    start.key = need(identity_key_from_json(start.first->text));
    start.first = reader.next();
  }
  for (; start.first && is_seal_key_line(start.first->text); start.first = reader.next())
    start.seal_keys.push_back(need(seal_key_from_json(start.first->text)));
  return start;
}

namespace {

std::unique_ptr<Store> open_store(const Context& context) {
  require_no_connect(context);
  try {
    return std::make_unique<Store>(Store::Options{.directory = context.data});
  } catch (const Failure& failure) {
    throw_busy(context, failure);
  }
}

void warn(std::string_view text) {
  write_stderr(fmt::format("runledger: warning: {}\n", text));
}

void take_seal_keys(const Store& store, std::vector<TenantKey> keys) {
  SealKeys* const own = store.seal_keys();
  if (own == nullptr)
    throw RefusedWith(reject("seal.not_expected",
                             "expected a ledger made with init --seal-tenants, as the export has "
                             "keys of tenants, found one that seals nothing"),
                      ExitStatus::kRefused);
  if (!own->has_file())
    throw RefusedWith(
        reject("seal.keys_missing", "expected the file seal.keys of this ledger, found none: put it back"),
        ExitStatus::kRefused);
  const LedgerEvents events = LedgerEvents::stored_in(store);
  const std::vector<SealKeyId> erased = all_erased_keys(events, Sequence{kCountMax});
  std::erase_if(keys, [&erased](const TenantKey& key) {
    return std::find(erased.begin(), erased.end(), key.key.id) != erased.end();
  });
  if (!own->adopt(keys))
    throw RefusedWith(reject("seal_key.differs",
                             "expected keys of tenants that this ledger does not have, or the same, "
                             "found another key with the id of one of its own"),
                      ExitStatus::kRefused);
  warn(
      fmt::format("seal_keys.in_clear: the export has the keys of {} tenants in clear, which this ledger has taken: "
                  "whoever has that file can read every copy of their events, whatever is erased: keep it as you keep "
                  "seal.keys, or remove it",
                  keys.size()));
}

}  // namespace

void prepare_verbatim(const Context& context, const VerbatimStart& start) {
  const std::unique_ptr<Store> opened = open_store(context);
  Store& store = *opened;
  const bool is_empty = DecisionStates(store).is_empty();
  if (!start.key) {
    if (is_empty)
      warn(
          "identity_key.left_out: the export has no identity key, so requests will not be matched with the runs in it: "
          "a request whose run is active or in its cooldown there starts a second run; `export --with-key` carries the "
          "key");
  } else if (start.key->bytes != store.identity_key().bytes) {
    if (!is_empty)
      throw RefusedWith(reject("identity_key.differs",
                               "expected an empty ledger, or one with the identity key of the export, found one with "
                               "events and another key"),
                        ExitStatus::kRefused);
    store.adopt_key(*start.key);
  }
  if (!start.seal_keys.empty()) {
    take_seal_keys(store, start.seal_keys);
  } else if (is_empty && store.seal_keys() != nullptr && store.seal_keys()->empty()) {
    warn(
        "seal_keys.left_out: neither the export nor seal.keys has keys of tenants: what they wrote cannot be read "
        "here, "
        "and their requests will not be matched; `export --with-key` carries the keys");
  }
}

void import_verbatim(Ledger& ledger, const std::vector<std::string>& files,
                     const std::vector<std::unique_ptr<LineReader>>& readers, VerbatimStart start, std::size_t batch,
                     const Context& context, ImportReport& report) {
  VerbatimImport import(ledger, batch, report);
  for (std::size_t i = 0; i < readers.size(); ++i)
    import.read(files[i], *readers[i], i == 0 ? start.first : std::nullopt, progress_bar(context, files[i]));
}

}  // namespace runledger
