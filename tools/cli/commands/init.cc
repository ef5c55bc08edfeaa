// `runledger init`: makes a new ledger.
#include <fmt/format.h>

#include "ledger/base/utf8.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/log/store/store.h"
#include "ledger/rules/identity.h"
#include "ledger/values/json_writer.h"
#include "tools/cli/options/audit_origin.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class Init final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "init",
            .summary = "Makes a new ledger; refuses a directory that already holds something",
            .example = "  runledger --data ./runledger-data init"};
  }

  void declare(Options& options) override {
    options.value("--origin", "NAME", "The ledger's name in checkpoints (default runledger/LEDGER-ID)", origin_);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    if (origin_) (void)need(parse_key_name(*origin_));  // Before anything is made.
    Store::Options options;
    options.directory = context.data;
    Store::create(options, IdentityKey::random());
    const Store store(options);
    const std::string id = format_uuid(store.ledger_id().value);
    const NoteSigner signer = create_audit_key(context.data, require_origin(origin_, store.ledger_id()));
    const std::string key = signer.verifier().format();
    if (context.json()) {
      JsonWriter json;
      json.begin_object().member("ledger_id", id).member("data", valid_utf8(context.data.string()));
      context.out.line(json.member("verifier_key", key).end_object().take());
    } else {
      context.out.line(fmt::format("made ledger {} in {}", id, context.data.string()));
      context.out.line("its checkpoints are verified with the key " + key);
    }
    return ExitStatus::kDone;
  }

 private:
  Typed origin_;
};

}  // namespace

std::unique_ptr<Subcommand> make_init() {
  return std::make_unique<Init>();
}

}  // namespace runledger
