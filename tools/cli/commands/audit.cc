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
            .example =
                "  runledger audit key show > runs.vkey\n"
                "  runledger audit key rotate --signer '/usr/local/bin/sign-runs key-2'"};
  }

  void declare(Options& options) override {
    options.arguments("ACTION", "key show, key create for a ledger that has none, or key rotate", words_);
    options.value("--origin", "NAME", "key create: the ledger's name in checkpoints (default runledger/LEDGER-ID)",
                  origin_);
    options.value("--signer", "COMMAND", "key create and key rotate: signs, with a key that is kept elsewhere",
                  signer_);
    options.flag("--in-file", "key rotate: goes on from a --signer to a key in the file audit.key", in_file_);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    require_ledger(context.data);
    if (words_ == std::vector<std::string>{"key", "create"} && !in_file_) {
      print(context, create(context));
      return ExitStatus::kDone;
    }
    if (words_ == std::vector<std::string>{"key", "rotate"} && !origin_) {
      print(context, rotate(context));
      return ExitStatus::kDone;
    }
    if (words_ != std::vector<std::string>{"key", "show"} || origin_ || signer_ || in_file_)
      refuse("usage",
             "expected audit key show, audit key rotate with --signer, --in-file or neither, or audit key create with "
             "or without --origin and --signer");
    print(context, read_audit_key(context.data));
    return ExitStatus::kDone;
  }

 private:
  // The store is opened for the ledger's id, so no daemon may run.
  [[nodiscard]] NoteSigner create(const Context& context) const {
    Store::Options options;
    options.directory = context.data;
    const std::optional<SigningCommand> command = ask_signer();
    const Store store(options);
    const std::string origin = require_origin(origin_, store.ledger_id());
    return command ? create_audit_key(context.data, NoteSigner{origin, *command})
                   : create_audit_key(context.data, origin);
  }

  [[nodiscard]] NoteSigner rotate(const Context& context) const {
    if (signer_ && in_file_) refuse("usage", "expected --signer or --in-file, found both");
    const std::optional<SigningCommand> command = ask_signer();
    const AuditKey key(context.data);  // First, as the command `checkpoint` does.
    const NoteSigner& before = key.signer();
    if (!command && !in_file_ && std::holds_alternative<SigningCommand>(before.key))
      refuse("usage",
             "expected --signer with the command of the next key, or --in-file: the key of this ledger is kept by a "
             "command");
    const NoteSigner next = command ? NoteSigner{before.name, *command} : NoteSigner{before.name, Ed25519Key::random()};
    if (next.verifier() == before.verifier())
      refuse("signer.same_key", "expected a command that signs with another key than the ledger's, found the same key");
    QuiescentLedger resting(context, Served::kCopy, Unserved::kLock);
    Prover(resting.ledger().log()).rotate(key, next);
    return next;
  }

  [[nodiscard]] std::optional<SigningCommand> ask_signer() const {
    if (!signer_) return std::nullopt;
    return SigningCommand::ask(need(parse_signing_command(*signer_)));
  }

  static void print(const Context& context, const NoteSigner& signer) {
    const std::string key = signer.verifier().format();
    const auto* command = std::get_if<SigningCommand>(&signer.key);
    JsonWriter json;
    json.begin_object().member("origin", signer.name).member("verifier_key", key);
    json.member("signer", command == nullptr ? std::nullopt : std::optional(command->command)).end_object();
    context.out.line(context.json() ? json.take() : key);
  }

  std::vector<std::string> words_;
  Typed origin_;
  Typed signer_;
  bool in_file_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_audit() {
  return std::make_unique<Audit>();
}

}  // namespace runledger
