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
            .example =
                "  runledger --data ./runledger-data init\n"
                "  runledger init --seal-tenants --master-key /etc/runledger/master.key\n"
                "  runledger init --signer /usr/local/bin/sign-runs"};
  }

  void declare(Options& options) override {
    options.value("--origin", "NAME", "The ledger's name in checkpoints (default runledger/LEDGER-ID)", origin_);
    options.value("--signer", "COMMAND",
                  "Signs checkpoints, with a key that is kept elsewhere, such as in a key management service", signer_);
    options.flag("--seal-tenants", "Seals what tenants write into events, each tenant under a key of its own", seals_);
    options.value("--master-key", "FILE",
                  "With --seal-tenants: wraps the tenants' keys; made if it is missing (default seal.master in the "
                  "ledger's directory)",
                  master_file_);
    options.value("--master-key-command", "COMMAND",
                  "Instead of --master-key: wraps and unwraps a key, such as with a key management service",
                  master_command_);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    if (origin_) (void)need(parse_key_name(*origin_));  // Before anything is made.
    std::optional<SigningCommand> command;
    if (signer_) command = SigningCommand::ask(need(parse_signing_command(*signer_)));
    Store::Options options;
    options.directory = context.data;
    const std::optional<MasterKey> master = require_master();
    Store::create(options, IdentityKey::random(), master);
    const Store store(options);
    const std::string id = format_uuid(store.ledger_id().value);
    const std::string origin = require_origin(origin_, store.ledger_id());
    const NoteSigner signer =
        command ? create_audit_key(context.data, NoteSigner{origin, *command}) : create_audit_key(context.data, origin);
    const std::string key = signer.verifier().format();
    if (context.json()) {
      JsonWriter json;
      json.begin_object().member("ledger_id", id).member("data", valid_utf8(context.data.string()));
      json.member("seals_tenants", master.has_value());
      context.out.line(json.member("verifier_key", key).end_object().take());
    } else {
      context.out.line(fmt::format("made ledger {} in {}", id, context.data.string()));
      context.out.line("its checkpoints are verified with the key " + key);
      if (master)
        context.out.line(
            "what tenants write is sealed: keep copies of seal.keys and of the master key apart from backups");
    }
    return ExitStatus::kDone;
  }

 private:
  [[nodiscard]] std::optional<MasterKey> require_master() const {
    if (!seals_ && (master_file_ || master_command_))
      refuse("usage", "expected --seal-tenants with --master-key and --master-key-command, found it missing");
    if (master_file_ && master_command_) refuse("usage", "expected --master-key or --master-key-command, found both");
    if (!seals_) return std::nullopt;
    if (master_command_) return MasterKeyCommand{*master_command_};
    // A path from the command line begins at the working directory, and is kept for later commands.
    return MasterKeyFile{master_file_ ? std::filesystem::absolute(*master_file_).lexically_normal() : kSealMasterFile};
  }

  Typed origin_;
  Typed signer_;
  bool seals_ = false;
  Typed master_file_;
  Typed master_command_;
};

}  // namespace

std::unique_ptr<Subcommand> make_init() {
  return std::make_unique<Init>();
}

}  // namespace runledger
