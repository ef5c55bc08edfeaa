// `runledger token`: issues, lists, rotates and revokes the access tokens for the daemon of this ledger. It works on
// the file of tokens in the data directory, with or without a running daemon, which reads a changed file before it
// checks a token.
#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/ascii.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/values/json_writer.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/interval.h"
#include "tools/cli/output/table.h"
#include "tools/cli/subcommand.h"
#include "tools/daemon/access/token_store.h"
#include "tools/daemon/access/token_uses.h"

namespace runledger {
namespace {

std::string rights_text(const Rights& rights) {
  std::string text;
  for (const auto& [right, word] : kEnumWords<Right>) {
    if (rights.contains(right)) text += fmt::format("{}{}", text.empty() ? "" : ",", word);
  }
  return text;
}

void write_members(JsonWriter& json, const AccessToken& token) {
  json.member("id", format_uuid(token.id.value)).member("name", token.name);
  json.member("workspace_id", token.grant.workspace).member("tenant_id", token.grant.tenant);
  json.key("rights").begin_array();
  for (const auto& [right, word] : kEnumWords<Right>) {
    if (token.grant.rights.contains(right)) json.text(word);
  }
  json.end_array().member("issued_at", format_time(token.issued_at));
  json.member("expires_at", token.expires_at);
}

std::optional<std::string> day_of_use(const DaysOfUse& days, const AccessToken& token) {
  const auto found = days.find(token.id);
  return found == days.end() ? std::nullopt : std::optional(format_day(found->second));
}

void print_table(const std::vector<AccessToken>& tokens, const DaysOfUse& days, Output& out) {
  // Ids are whole: `token rotate` and `token revoke` need them.
  Table table({{"ID", Fit::kWhole, 2},
               {"NAME", Fit::kText, 1},
               "WORKSPACE",
               "TENANT",
               {"RIGHTS", Fit::kText, 1},
               {"ISSUED", Fit::kTime},
               {"EXPIRES", Fit::kTime, 1},
               {"LAST USED", Fit::kWhole}});
  for (const AccessToken& token : tokens) {
    table.row({{format_uuid(token.id.value)},
               {token.name.value_or("-")},
               {token.grant.workspace ? token.grant.workspace->str() : "(every)"},
               {token.grant.tenant ? token.grant.tenant->str() : "-"},
               {rights_text(token.grant.rights)},
               {format_time(token.issued_at)},
               {token.expires_at ? format_time(*token.expires_at) : "-"},
               {day_of_use(days, token).value_or("-")}});
  }
  table.print(out);
}

class Token final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "token",
            .summary = "Issues, lists, rotates and revokes the tokens by which callers of the daemon are known",
            .example = "  runledger token issue --name ci --workspace acme --right request --expires 30d"};
  }

  void declare(Options& options) override {
    options.arguments("ACTION", "issue, list, or rotate or revoke followed by the token's ID", words_);
    options.value("--name", "NAME", "issue: says what the token is for; shown by list", name_);
    options.value("--workspace", "W", "issue: the workspace that the token is for", workspace_);
    options.flag("--every-workspace", "issue: for the whole ledger instead", every_workspace_);
    options.value("--tenant", "T", "issue: for one tenant of the workspace only", tenant_);
    options.values("--right", "R", "issue: request, work, audit or operate; may be repeated", rights_);
    options.time(
        "--expires", "TIME|INTERVAL",
        "issue, rotate: when the new token ends, or after how long, such as 30d (default: never; rotate: after as "
        "long as the old one was issued for)",
        expires_);
    options.value("--overlap", "INTERVAL",
                  "rotate: how long the old token stays in force (default 1h; 0s: it ends at once)", overlap_);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    require_ledger(context.data);
    TokenStore store(context.data);
    if (words_.front() == "issue" && words_.size() == 1) return issue(store, context);
    if (words_.front() == "list" && words_.size() == 1) return list(store, context);
    if (words_.front() == "rotate" && words_.size() == 2) return rotate(store, context);
    if (words_.front() == "revoke" && words_.size() == 2) return revoke(store, context);
    refuse("usage", "expected token issue, token list, token rotate ID, or token revoke ID");
  }

 private:
  ExitStatus issue(TokenStore& store, const Context& context) const {
    if (overlap_) refuse("usage", "expected --overlap together with token rotate");
    const Time now = SystemClock().now();
    std::optional<std::string> name;
    if (name_) name = need(parse_token_name(*name_));
    print_issued(need(store.issue(require_grant(), require_expiry(now), now, std::move(name))), context);
    return ExitStatus::kDone;
  }

  ExitStatus rotate(TokenStore& store, const Context& context) const {
    if (name_ || workspace_ || every_workspace_ || tenant_ || !rights_.empty())
      refuse("usage", "expected only --expires and --overlap together with token rotate, which keeps all else");
    const TokenId id{need(parse_uuid(words_.back(), "token_id"))};
    const Time now = SystemClock().now();
    const Duration overlap = require_interval(overlap_.value_or("1h"), "overlap", 0);
    Result<TokenStore::Issued> issued = store.rotate(id, overlap, require_expiry(now), now);
    if (!issued) throw RefusedWith(issued.rejection(), ExitStatus::kRefused);
    print_issued(*issued, context);
    return ExitStatus::kDone;
  }

  // TIME as the other commands take it, or an interval from now on.
  [[nodiscard]] std::optional<Time> require_expiry(Time now) const {
    if (!expires_) return std::nullopt;
    const bool is_interval = std::all_of(expires_->begin(), expires_->end(), is_alnum);
    const Time expires = is_interval ? now + require_interval(*expires_, "expires") : need(parse_time(*expires_));
    if (expires <= now) refuse("expires.invalid", "expected --expires to be in the future");
    return expires;
  }

  static void print_issued(const TokenStore::Issued& issued, const Context& context) {
    if (context.json()) {
      JsonWriter json;
      json.begin_object();
      write_members(json, issued.token);
      json.member("token", issued.secret).end_object();
      context.out.line(json.take());
    } else {
      // Standard output has the secret alone, so that it can be redirected to the file that --token-file reads.
      context.out.line(issued.secret);
      write_stderr(fmt::format("This is the only time that the token is shown. Its id is {}.\n",
                               format_uuid(issued.token.id.value)));
    }
  }

  static ExitStatus list(const TokenStore& store, const Context& context) {
    const std::vector<AccessToken> tokens = store.list();
    const DaysOfUse days = read_days_of_use(context.data);
    if (!context.json()) {
      print_table(tokens, days, context.out);
      return ExitStatus::kDone;
    }
    for (const AccessToken& token : tokens) {
      JsonWriter json;
      json.begin_object();
      write_members(json, token);
      json.member("last_used_on", day_of_use(days, token));
      context.out.line(json.end_object().take());
    }
    return ExitStatus::kDone;
  }

  ExitStatus revoke(TokenStore& store, const Context& context) const {
    const TokenId id{need(parse_uuid(words_.back(), "token_id"))};
    if (auto refused = store.revoke(id)) throw RefusedWith(*std::move(refused), ExitStatus::kRefused);
    if (context.json()) {
      context.out.line(fmt::format(R"({{"revoked":"{}"}})", format_uuid(id.value)));
    } else {
      context.out.line(fmt::format("revoked {}", format_uuid(id.value)));
    }
    return ExitStatus::kDone;
  }

  [[nodiscard]] Grant require_grant() const {
    if (workspace_.has_value() == every_workspace_) refuse("usage", "expected either --workspace or --every-workspace");
    if (tenant_ && !workspace_) refuse("usage", "expected --tenant together with --workspace");
    if (rights_.empty()) refuse("usage", "expected at least one --right");
    Grant grant;
    if (workspace_) grant.workspace = need(parse_workspace(*workspace_));
    if (tenant_) grant.tenant = need(parse_tenant(*tenant_));
    for (const std::string& name : rights_) {
      const std::optional<Right> right = parse_word<Right>(name);
      if (!right) refuse("right.invalid", fmt::format("expected request, work, audit or operate, found \"{}\"", name));
      grant.rights.insert(*right);
    }
    if (grant.rights.contains(Right::kOperate) && grant.workspace)
      refuse("right.invalid", "operate concerns the whole ledger: expected --every-workspace with it");
    return grant;
  }

  std::vector<std::string> words_;
  std::vector<std::string> rights_;
  Typed workspace_;
  Typed tenant_;
  Typed name_;
  Typed expires_;
  Typed overlap_;
  bool every_workspace_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_token() {
  return std::make_unique<Token>();
}

}  // namespace runledger
