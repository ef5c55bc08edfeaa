// Puts the parts of a ledger together, in the order in which they depend on each other.
#include "ledger/ledger.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/rules/identity.h"
#include "ledger/values/forward_clock.h"

namespace runledger {

struct Ledger::Impl {
  SystemClock system_clock;
  Catalog catalog;
  Store store;
  EventLog log;
  ForwardClock clock;
  Sequencer sequencer;

  explicit Impl(const Options& options)
      : catalog(options.catalog),
        store(Store::Options{.directory = options.directory, .env = options.env, .on_fatal = options.on_fatal}),
        log(store),
        clock(options.clock != nullptr ? *options.clock : system_clock, log.head().recorded_at),
        sequencer(log, clock, catalog, options.sequencer) {}
};

Ledger::Ledger(const Options& options) : impl_(std::make_unique<Impl>(options)) {}
Ledger::~Ledger() = default;

namespace {

// Why a run of this type cannot have this scope, or nothing.
std::optional<Rejection> refuse_scope(const CatalogEntry& type, const Scope& scope) {
  if (type.scope == TypeScope::kTenant && !scope.tenant) {
    return reject("tenant.required", fmt::format("expected a tenant, as type {} belongs to one", type.type.str()));
  }
  if (type.scope == TypeScope::kWorkspace && scope.tenant) {
    return reject("tenant.not_allowed",
                  fmt::format("expected no tenant, as type {} belongs to the workspace", type.type.str()));
  }
  return {};
}

}  // namespace

Result<RequestRun> Ledger::prepare_request(RunRequest order) const {
  return prepare_request(std::move(order), impl_->catalog);
}

Result<RequestRun> Ledger::prepare_request(RunRequest order, const Catalog& catalog) const {
  if (!order.workspace) return reject("workspace.required", "expected a workspace, found none");
  const CatalogEntry& type = catalog.entry(order.type);
  Scope scope{.workspace = *std::move(order.workspace), .tenant = std::move(order.tenant)};
  if (auto refused = refuse_scope(type, scope)) return *std::move(refused);
  RequestRun request{.run = order.run.value_or(RunId{}),
                     .named = order.run.has_value(),
                     .scope = std::move(scope),
                     .type = std::move(order.type),
                     .identity = {},
                     .input = std::move(order.input),
                     .policy = type.policy,
                     .initiator = std::move(order.initiator),
                     .force = order.force,
                     .rerun_of = {}};
  if (!request.named) request.run = RunId{random_uuid()};
  request.identity =
      fingerprint(impl_->store.identity_key(), request.scope, request.type, type.identity_fields, request.input);
  return request;
}

Sequencer& Ledger::sequencer() noexcept {
  return impl_->sequencer;
}
EventLog& Ledger::log() noexcept {
  return impl_->log;
}
const Catalog& Ledger::catalog() const noexcept {
  return impl_->catalog;
}
const Clock& Ledger::clock() const noexcept {
  return impl_->clock;
}

}  // namespace runledger
