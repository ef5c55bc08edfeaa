// `runledger request`: requests a run.
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/request_fields.h"
#include "tools/cli/output/answer.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class Request final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "request",
            .summary = "Asks for a run",
            .example =
                "  runledger request --workspace acme --tenant north --type assignments.fetch \\\n"
                "      --input '{\"policy_ids\":[\"p1\",\"p2\"]}' --initiator ann"};
  }

  void declare(Options& options) override {
    what_.declare(options);
    fields_.declare(options);
    options.value("--initiator", "NAME", "Who asks", initiator_);
    options.flag("--force", "Skips the cooldown, never the rule of one active run", force_);
    options.value("--command-id", "UUID", "Makes it repeatable: the same id is answered the same", command_id_);
    options.flag("--fail-if-deduped", "Ends with status 3 when deduplicated", fail_if_deduped_);
  }

  ExitStatus run(const Context& context) override {
    RunRequest request = what_.require_request();
    fields_.require(request);
    if (initiator_) request.initiator = sanitize(*initiator_);
    request.force = force_;
    CommandOptions options;
    if (command_id_) options.id = CommandId{need(parse_uuid(*command_id_, "command_id"))};
    LedgerConnection ledger(context);
    fields_.find_runs(ledger.reader(), request);
    const Reply reply = require_reply(ledger.client().submit(request, options));
    print_reply(context, reply);
    return status_of_reply(reply, fail_if_deduped_);
  }

 private:
  TypedRequest what_;
  TypedRequestFields fields_;
  Typed initiator_;
  Typed command_id_;
  bool force_ = false;
  bool fail_if_deduped_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_request() {
  return std::make_unique<Request>();
}

}  // namespace runledger
