// `runledger init`: makes a new ledger.
#include <fmt/format.h>

#include "ledger/base/utf8.h"
#include "ledger/log/store/store.h"
#include "ledger/rules/identity.h"
#include "ledger/values/json_writer.h"
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

  void declare(Options&) override {}

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    Store::Options options;
    options.directory = context.data;
    Store::create(options, IdentityKey::random());
    const Store store(options);
    const std::string id = format_uuid(store.ledger_id().value);
    if (context.json()) {
      JsonWriter json;
      json.begin_object().member("ledger_id", id).member("data", valid_utf8(context.data.string())).end_object();
      context.out.line(json.take());
    } else {
      context.out.line(fmt::format("made ledger {} in {}", id, context.data.string()));
    }
    return ExitStatus::kDone;
  }
};

}  // namespace

std::unique_ptr<Subcommand> make_init() {
  return std::make_unique<Init>();
}

}  // namespace runledger
