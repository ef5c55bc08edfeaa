// `runledger audit`: makes the key with which a ledger signs its checkpoints, replaces it, and shows its public part.
#include <fmt/format.h>

#include "ledger/evidence/audit_key.h"
#include "ledger/evidence/prover.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/log/store/store.h"
#include "ledger/values/json_writer.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/audit_origin.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class Audit final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "audit",
            .summary = "The key that signs checkpoints: shows its public part, makes it, or replaces it",
            .example = "  runledger audit key show > runs.vkey"};
  }

  void declare(Options& options) override {
    options.arguments("ACTION", "key show, key create for a ledger that has none, or key rotate", words_);
    options.value("--origin", "NAME", "key create: the ledger's name in checkpoints (default runledger/LEDGER-ID)",
                  origin_);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    require_ledger(context.data);
    if (words_ == std::vector<std::string>{"key", "create"}) {
      print(context, create(context));
      return ExitStatus::kDone;
    }
    if (words_ == std::vector<std::string>{"key", "rotate"} && !origin_) {
      const AuditKey key(context.data);  // First, as the command `checkpoint` does.
      QuiescentLedger resting(context, Served::kCopy, Unserved::kLock);
      print(context, key.signer().name, Prover(resting.ledger().log()).rotate(key));
      return ExitStatus::kDone;
    }
    if (words_ != std::vector<std::string>{"key", "show"} || origin_)
      refuse("usage", "expected audit key show, audit key rotate, or audit key create with or without --origin");
    print(context, read_audit_key(context.data));
    return ExitStatus::kDone;
  }

 private:
  // The store is opened for the ledger's id, so no daemon may run.
  [[nodiscard]] NoteSigner create(const Context& context) const {
    Store::Options options;
    options.directory = context.data;
    const Store store(options);
    return create_audit_key(context.data, require_origin(origin_, store.ledger_id()));
  }

  static void print(const Context& context, const NoteSigner& signer) {
    print(context, signer.name, signer.verifier());
  }

  static void print(const Context& context, const std::string& origin, const NoteVerifier& verifier) {
    const std::string key = verifier.format();
    JsonWriter json;
    json.begin_object().member("origin", origin).member("verifier_key", key).end_object();
    context.out.line(context.json() ? json.take() : key);
  }

  std::vector<std::string> words_;
  Typed origin_;
};

}  // namespace

std::unique_ptr<Subcommand> make_audit() {
  return std::make_unique<Audit>();
}

}  // namespace runledger
