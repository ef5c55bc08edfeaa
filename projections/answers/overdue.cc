// Finds the scopes whose types have not succeeded in time, from the totals that are kept for each scope and type.
//
// The totals have the times of the first request and of the last success. So an answer reads one entry for each scope
// and type, whatever their runs, and only those within the asker's scope.
#include "projections/answers/overdue.h"

#include <algorithm>

#include "ledger/values/json_writer.h"
#include "projections/answers/answers.h"

namespace runledger {

std::optional<Time> overdue_from(const CatalogEntry& type, const Statistics& totals) {
  if (!type.expect_every || !totals.first_requested_at) return std::nullopt;
  return totals.last_succeeded_at.value_or(*totals.first_requested_at) + *type.expect_every;
}

void visit_expected(const RowStore& rows, const Catalog& catalog, const RunFilter& filter,
                    const std::function<Scan(const ExpectedScope&)>& visit) {
  RunFilter narrowed = filter;
  narrowed.type = {};
  for (const auto& [type, entry] : catalog.entries()) {
    if (entry.expect_every && filter.type.admits(type)) narrowed.type.insert(type);
  }
  if (!narrowed.type) return;
  rows.visit_totals(narrowed, [&](const RowStore::TotalsGroup& group) {
    const CatalogEntry& entry = catalog.entry(*parse_run_type(group.type));
    const std::optional<Time> from = overdue_from(entry, group.totals);
    return from ? visit({entry, group, *from}) : Scan::kContinue;
  });
}

namespace answers {
namespace {

constexpr std::size_t kScopesDefault = 100;
// So many scopes and types are looked at; each costs about as much as reading a row.
constexpr std::size_t kScopesLookedAtMax = 20'000;

struct OverdueScope {
  std::string workspace;
  std::string tenant;
  const CatalogEntry* type;
  Time since;
  std::optional<Time> first_requested_at;
  std::optional<Time> last_succeeded_at;
};

class Overdue {
 public:
  Overdue(const Answerer& from, const Parameters& parameters)
      : from_(from),
        filter_(parameters.need_filter()),
        limit_(parameters.need_number("limit", kScopesDefault, 1, RowStore::kPageMax)),
        catalog_(from.ledger.catalog()),
        now_(from.ledger.clock().now()) {
    if (auto refused = from.asker.narrow(filter_)) throw Refused(*std::move(refused));
  }

  std::string answer() {
    visit_expected(from_.rows, *catalog_, filter_, [this](const ExpectedScope& expected) {
      if (expected_ == kScopesLookedAtMax) {
        is_cut_ = true;
        return Scan::kStop;
      }
      ++expected_;
      if (now_ > expected.overdue_from) add(expected);
      return Scan::kContinue;
    });
    std::stable_sort(overdue_.begin(), overdue_.end(), [](const auto& a, const auto& b) { return a.since < b.since; });
    return write();
  }

 private:
  void add(const ExpectedScope& expected) {
    overdue_.push_back({.workspace = std::string(expected.group.workspace),
                        .tenant = std::string(expected.group.tenant),
                        .type = &expected.type,
                        .since = expected.overdue_from,
                        .first_requested_at = expected.group.totals.first_requested_at,
                        .last_succeeded_at = expected.group.totals.last_succeeded_at});
  }

  std::string write() const {
    JsonWriter out;
    out.begin_object().member("at", now_).key("overdue").begin_array();
    for (std::size_t i = 0; i < std::min<std::size_t>(limit_, overdue_.size()); ++i) write(out, overdue_[i]);
    out.end_array().member("overdue_count", overdue_.size()).member("expected_count", expected_);
    out.member("is_cut", is_cut_).end_object();
    return out.take();
  }

  void write(JsonWriter& out, const OverdueScope& scope) const {
    out.begin_object().member("type", scope.type->type).member("workspace_id", scope.workspace);
    out.member("tenant_id", scope.tenant.empty() ? std::nullopt : std::optional(scope.tenant));
    out.member("expect_every_seconds", in_seconds(*scope.type->expect_every));
    out.member("last_succeeded_at", scope.last_succeeded_at).member("first_requested_at", scope.first_requested_at);
    out.member("overdue_since", scope.since).member("overdue_seconds", in_seconds(now_ - scope.since)).end_object();
  }

  const Answerer& from_;
  RunFilter filter_;
  std::uint64_t limit_;
  std::shared_ptr<const Catalog> catalog_;
  Time now_;
  std::vector<OverdueScope> overdue_;
  std::uint64_t expected_ = 0;
  bool is_cut_ = false;
};

}  // namespace

std::string overdue(const Answerer& from, const Parameters& parameters) {
  return Overdue(from, parameters).answer();
}

}  // namespace answers
}  // namespace runledger
