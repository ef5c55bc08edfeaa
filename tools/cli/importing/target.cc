// Chooses where the lines go, and opens it.
//
// With --dry-run, the ledger is copied and the lines are carried out in the copy, so that every answer is the one that
// the import itself would get. A daemon makes its copy itself, and keeps it for as long as the connection to it.
#include "tools/cli/importing/target.h"

#include "clients/cpp/connect.h"
#include "tools/cli/exit_status.h"
#include "tools/cli/importing/journal_sink.h"
#include "tools/cli/ledger_connection.h"

namespace runledger {
namespace {

// Without --catalog, a daemon uses its own catalog.
Catalog rules_of(const Context& context, const JournalSource& source, bool has_daemon) {
  if (source.catalog) return need(Catalog::parse(*source.catalog, unlisted_in_journals()));
  const std::unique_ptr<LedgerReader> daemon = has_daemon ? reader_of_daemon(context) : nullptr;
  if (!daemon) return catalog_of(context, unlisted_in_journals());
  Catalog rules = need(Catalog::parse(R"({"types":[]})", unlisted_in_journals()));
  rules.overlay(require_answer(daemon->catalog()));
  return rules;
}

std::unique_ptr<Ledger> open_for_import(const Context& context, const Catalog& rules,
                                        const Sequencer::Options& options) {
  return std::unique_ptr<Ledger>(
      new Ledger(open_ledger(context, rules, options)));  // make_unique would have to move it.
}

}  // namespace

ImportTarget::ImportTarget(const Context& context, const JournalSource& source, const Options& options)
    : daemon_(options.verbatim && !options.dry_run ? nullptr : find_daemon(context)),
      takes_lines_(daemon_ != nullptr && !options.dry_run),
      is_dry_run_(options.dry_run) {
  if (options.dry_run) require_no_connect(context);
  if (takes_lines_) {
    if (source.catalog) (void)need(Catalog::parse(*source.catalog, unlisted_in_journals()));
    need_import(*daemon_, source);
    return;
  }
  rules_ = rules_of(context, source, daemon_ != nullptr);
  Sequencer::Options sequencer;
  sequencer.batch_max = options.batch_max;
  sequencer.when_behind = WhenBehind::kWait;
  if (options.dry_run)
    open_copy(context, sequencer);
  else
    ledger_ = open_for_import(context, rules_, sequencer);
  opened_at_ = ledger_->log().last();
}

ImportTarget::~ImportTarget() {
  if (ledger_ && !is_dry_run_) let_rows_follow(*ledger_, opened_at_);
}

void ImportTarget::open_copy(const Context& context, const Sequencer::Options& options) {
  std::string name;
  if (daemon_) {
    name = make_remote_copy(*daemon_);
  } else {
    const std::unique_ptr<Ledger> original = open_for_import(context, rules_, options);
    LedgerCopy::remove_abandoned(context.data);
    name = copy_.emplace(original->log().store()).name();
  }
  Context copied = context;
  copied.data = LedgerCopy::path_of(context.data, name);
  copied.data_is_copy = true;
  ledger_ = open_for_import(copied, rules_, options);
}

}  // namespace runledger
