// `runledger ui`: issues a token that may only read and ends soon, and prints the address of the daemon's page with it.
#include <fmt/format.h>

#include "ledger/log/store/data_directory.h"
#include "ledger/values/json_writer.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/interval.h"
#include "tools/cli/subcommand.h"
#include "tools/daemon/access/token_store.h"

namespace runledger {
namespace {

constexpr std::string_view kTokenName = "ui";

class Ui final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "ui",
            .summary = "Prints the address of the daemon's page, with a token that may only read and ends in 8 hours",
            .example = "  xdg-open \"$(runledger ui)\"\n  runledger ui --workspace acme --tenant north --expires 1h"};
  }

  void declare(Options& options) override {
    options.value("--workspace", "W", "Shows this workspace alone (default: the whole ledger)", workspace_);
    options.value("--tenant", "T", "Shows one tenant of the workspace alone", tenant_);
    options.values("--right", "R", "Lets the page do more than read: request or work; may be repeated", rights_);
    options.value("--expires", "INTERVAL", "When the token ends (default 8h)", expires_);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    require_ledger(context.data);
    const Grant grant = require_grant();
    const Duration lasts = require_interval(expires_.value_or("8h"), "expires");
    const std::string page = require_page(context);
    const Time now = SystemClock().now();
    const TokenStore::Issued issued =
        need(TokenStore(context.data).issue(grant, now + lasts, now, std::string(kTokenName)));
    // The part after # is for the page alone: a browser sends it to no server.
    const std::string address = fmt::format("{}#t={}", page, issued.secret);
    if (context.json()) {
      JsonWriter json;
      json.begin_object().member("address", address).member("token_id", format_uuid(issued.token.id.value));
      json.member("expires_at", issued.token.expires_at).end_object();
      context.out.line(json.take());
    } else {
      context.out.line(address);
    }
    return ExitStatus::kDone;
  }

 private:
  // Asked before a token is issued, so that a refused command leaves none.
  static std::string require_page(const Context& context) {
    const std::shared_ptr<RpcLink> daemon = daemon_on(context.data);
    if (daemon == nullptr)
      refuse("page.absent", "expected a daemon with a page, found none: start one with serve --http 127.0.0.1:8080");
    std::string page = page_address(*daemon);
    if (page.empty())
      refuse("page.absent", "expected the daemon to serve a page, found none: start it with --http, without --no-ui");
    return page;
  }

  [[nodiscard]] Grant require_grant() const {
    if (tenant_ && !workspace_) refuse("usage", "expected --tenant together with --workspace");
    Grant grant;
    if (workspace_) grant.workspace = need(parse_workspace(*workspace_));
    if (tenant_) grant.tenant = need(parse_tenant(*tenant_));
    for (const std::string& name : rights_) {
      const std::optional<Right> right = parse_word<Right>(name);
      if (right != Right::kRequest && right != Right::kWork)
        refuse("right.invalid", fmt::format("expected request or work, found \"{}\"", name));
      grant.rights.insert(*right);
    }
    return grant;
  }

  Typed workspace_;
  Typed tenant_;
  Typed expires_;
  std::vector<std::string> rights_;
};

}  // namespace

std::unique_ptr<Subcommand> make_ui() {
  return std::make_unique<Ui>();
}

}  // namespace runledger
