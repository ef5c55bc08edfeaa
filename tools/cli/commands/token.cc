// `runledger token`: who may call the daemon of this ledger.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ledger/log/store/data_directory.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/output/table.h"
#include "tools/cli/subcommand.h"
#include "tools/daemon/access/token_store.h"

namespace runledger {
namespace {

using nlohmann::ordered_json;

std::string rights_text(const Rights& rights) {
  std::string text;
  for (const Right right : kAllRights) {
    if (rights.contains(right)) text += fmt::format("{}{}", text.empty() ? "" : ",", to_string(right));
  }
  return text;
}

ordered_json token_to_json(const AccessToken& token) {
  ordered_json json;
  json["id"] = format_uuid(token.id.value);
  json["workspace_id"] = token.grant.workspace ? ordered_json(token.grant.workspace->str()) : nullptr;
  json["tenant_id"] = token.grant.tenant ? ordered_json(token.grant.tenant->str()) : nullptr;
  json["rights"] = ordered_json::array();
  for (const Right right : kAllRights) {
    if (token.grant.rights.contains(right)) json["rights"].push_back(to_string(right));
  }
  json["issued_at"] = format_time(token.issued_at);
  json["expires_at"] = token.expires_at ? ordered_json(format_time(*token.expires_at)) : nullptr;
  return json;
}

void print_table(const std::vector<AccessToken>& tokens, Output& out) {
  Table table({"ID", "WORKSPACE", "TENANT", "RIGHTS", "ISSUED", "EXPIRES"});
  for (const AccessToken& token : tokens) {
    table.row({{format_uuid(token.id.value)},
               {token.grant.workspace ? token.grant.workspace->str() : "(every)"},
               {token.grant.tenant ? token.grant.tenant->str() : "-"},
               {rights_text(token.grant.rights)},
               {format_time(token.issued_at)},
               {token.expires_at ? format_time(*token.expires_at) : "-"}});
  }
  table.print(out);
}

class Token final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "token",
            .summary = "Issues, lists and revokes the tokens by which callers of the daemon are known",
            .example = "  runledger token issue --workspace acme --right request --right work"};
  }

  void declare(Options& options) override {
    options.arguments("ACTION", "issue, list, or revoke followed by the token's ID", words_);
    options.value("--workspace", "W", "issue: the workspace that the token is for", workspace_);
    options.flag("--every-workspace", "issue: for the whole ledger instead", every_workspace_);
    options.value("--tenant", "T", "issue: for one tenant of the workspace only", tenant_);
    options.values("--right", "R", "issue: request, work, audit or operate; may be repeated", rights_);
    options.value("--expires", "TIME", "issue: when it ends (default: never)", expires_);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    require_ledger(context.data);
    TokenStore store(context.data);
    if (words_.front() == "issue" && words_.size() == 1) return issue(store, context);
    if (words_.front() == "list" && words_.size() == 1) return list(store, context);
    if (words_.front() == "revoke" && words_.size() == 2) return revoke(store, context);
    refuse_input("usage", "expected token issue, token list, or token revoke ID");
  }

 private:
  ExitStatus issue(TokenStore& store, const Context& context) const {
    const Time now = SystemClock().now();
    std::optional<Time> expires;
    if (expires_) expires = require(parse_time(*expires_));
    if (expires && *expires <= now) refuse_input("expires.invalid", "expected --expires to be in the future");
    const TokenStore::Issued issued = require(store.issue(require_grant(), expires, now));
    if (context.json()) {
      ordered_json json = token_to_json(issued.token);
      json["token"] = issued.secret;
      context.out.line(json.dump());
    } else {
      context.out.line(issued.secret);
      tell_stderr(fmt::format("This is the only time that the token is shown. Its id is {}.\n",
                              format_uuid(issued.token.id.value)));
    }
    return ExitStatus::kDone;
  }

  static ExitStatus list(const TokenStore& store, const Context& context) {
    const std::vector<AccessToken> tokens = store.list();
    if (!context.json()) {
      print_table(tokens, context.out);
      return ExitStatus::kDone;
    }
    for (const AccessToken& token : tokens) context.out.line(token_to_json(token).dump());
    return ExitStatus::kDone;
  }

  ExitStatus revoke(TokenStore& store, const Context& context) const {
    const TokenId id{require(parse_uuid(words_.back(), "token_id"))};
    if (auto refused = store.revoke(id)) throw Refused(*std::move(refused), ExitStatus::kRefused);
    if (context.json()) {
      context.out.line(ordered_json{{"revoked", format_uuid(id.value)}}.dump());
    } else {
      context.out.line(fmt::format("revoked {}", format_uuid(id.value)));
    }
    return ExitStatus::kDone;
  }

  [[nodiscard]] Grant require_grant() const {
    if (workspace_.has_value() == every_workspace_)
      refuse_input("usage", "expected either --workspace or --every-workspace");
    if (tenant_ && !workspace_) refuse_input("usage", "expected --tenant together with --workspace");
    if (rights_.empty()) refuse_input("usage", "expected at least one --right");
    Grant grant;
    if (workspace_) grant.workspace = require(parse_workspace(*workspace_));
    if (tenant_) grant.tenant = require(parse_tenant(*tenant_));
    for (const std::string& name : rights_) {
      const std::optional<Right> right = parse_right(name);
      if (!right)
        refuse_input("right.invalid", fmt::format("expected request, work, audit or operate, found \"{}\"", name));
      grant.rights.insert(*right);
    }
    if (grant.rights.contains(Right::kOperate) && grant.workspace)
      refuse_input("right.invalid", "operate concerns the whole ledger: expected --every-workspace with it");
    return grant;
  }

  std::vector<std::string> words_;
  std::vector<std::string> rights_;
  Typed workspace_;
  Typed tenant_;
  Typed expires_;
  bool every_workspace_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_token() {
  return std::make_unique<Token>();
}

}  // namespace runledger
