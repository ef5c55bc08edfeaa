// Converts claims and their answers field by field, in both directions.
#include "clients/cpp/claim_wire.h"

#include <fmt/format.h>

#include <chrono>
#include <string>

#include "clients/cpp/command_wire.h"
#include "clients/cpp/wire_fields.h"

namespace runledger::wire {
namespace {

void write_run(rpc::ClaimedRun::Builder out, const ClaimedRun& run) {
  write(out.initStarted(), run.started);
  out.setWorkspace(to_text(run.scope.workspace.str()));
  if (run.scope.tenant) out.setTenant(to_text(run.scope.tenant->str()));
  out.setType(to_text(run.type.str()));
  out.setInput(to_text(run.input.canonical()));
  out.setLease(run.lease.count());
}

ClaimAnswer read_run(rpc::ClaimedRun::Reader in) {
  const Answer started = read(in.getStarted());
  if (const auto* unknown = std::get_if<UnknownOutcome>(&started)) return *unknown;
  const Result<ClaimedRun> run = checked([&] {
    ClaimedRun claimed{.started = std::get<Reply>(started),
                       .scope = {.workspace = need(parse_workspace(view(in.getWorkspace()))), .tenant = {}},
                       .type = need(parse_run_type(view(in.getType()))),
                       .input = need(RunInput::parse(view(in.getInput()))),
                       .lease = Duration{in.getLease()}};
    if (in.getTenant().size() > 0) claimed.scope.tenant = need(parse_tenant(view(in.getTenant())));
    return claimed;
  });
  if (run) return *run;
  return run.rejection();
}

}  // namespace

void write(rpc::Claim::Builder out, const ClaimRequest& request, const CommandOptions& options) {
  write(out.initMark(), options);
  auto types = out.initTypes(static_cast<unsigned>(request.types.size()));
  for (unsigned i = 0; i < types.size(); ++i) types.set(i, to_text(request.types[i].str()));
  out.setWorker(to_text(request.worker.str()));
  out.setWaitMs(static_cast<std::uint32_t>(request.wait.count()));
  out.setLease(request.lease.value_or(Duration()).count());
}

void write(rpc::ClaimAnswer::Builder out, const ClaimAnswer& answer) {
  if (std::holds_alternative<NothingDue>(answer)) return out.setNothingDue();
  if (const auto* run = std::get_if<ClaimedRun>(&answer)) return write_run(out.initRun(), *run);
  if (const auto* unknown = std::get_if<UnknownOutcome>(&answer)) return out.setUnknown(to_text(unknown->what));
  write(out.initRejection(), std::get<Rejection>(answer));
}

Result<ClaimRequest> read(rpc::Claim::Reader in) {
  return checked([&] {
    const auto types = in.getTypes();
    if (types.size() > kClaimTypesMax) {
      refuse("claim.invalid", fmt::format("expected at most {} types, found {}", kClaimTypesMax, types.size()));
    }
    ClaimRequest request{
        .types = {}, .worker = sanitize(view(in.getWorker())), .wait = std::chrono::milliseconds(in.getWaitMs())};
    if (in.getLease() != 0) request.lease = Duration{in.getLease()};
    for (const auto type : types) request.types.push_back(need(parse_run_type(view(type))));
    return request;
  });
}

ClaimAnswer read(rpc::ClaimAnswer::Reader in) {
  switch (in.which()) {
    case rpc::ClaimAnswer::NOTHING_DUE:
      return NothingDue{};
    case rpc::ClaimAnswer::RUN:
      return read_run(in.getRun());
    case rpc::ClaimAnswer::REJECTION:
      return read(in.getRejection());
    case rpc::ClaimAnswer::UNKNOWN:
      return UnknownOutcome{std::string(view(in.getUnknown()))};
  }
  return UnknownOutcome{"the daemon answered with words that this version does not know"};
}

}  // namespace runledger::wire
