// Field by field, in both directions.
#include "projections/read_words.h"

#include "ledger/rpc_fields.h"
#include "projections/row_codec.h"

namespace runledger::words {
namespace {

template <class T>
std::optional<T> need_known(std::optional<T> (*parse)(std::string_view), capnp::Text::Reader text,
                            std::string_view field) {
  if (text.size() == 0) return std::nullopt;
  const std::optional<T> value = parse(view(text));
  if (!value) {
    throw BadMember{reject(fmt::format("{}.invalid", field),
                           fmt::format("expected {} to be one that is known, found \"{}\"", field, view(text)))};
  }
  return value;
}

}  // namespace

void write(rpc::RunFilter::Builder out, const RunFilter& filter) {
  if (filter.workspace) out.setWorkspace(to_text(filter.workspace->str()));
  if (filter.tenant) out.setTenant(to_text(filter.tenant->str()));
  if (filter.type) out.setType(to_text(filter.type->str()));
  if (filter.status) out.setStatus(to_text(to_string(*filter.status)));
  if (filter.outcome) out.setOutcome(to_text(to_string(*filter.outcome)));
  out.setHasSince(filter.since.has_value());
  out.setSince(filter.since.value_or(Time{}).unix_us);
  out.setHasUntil(filter.until.has_value());
  out.setUntil(filter.until.value_or(Time{}).unix_us);
}

void write(rpc::RunRow::Builder out, const OperationRun::Row& row) {
  out.setRun(to_data(row.id));
  out.setRow(to_data(RowCodec::encode(row)));
}

Result<RunFilter> read(rpc::RunFilter::Reader in) {
  return checked([&] {
    RunFilter filter;
    if (in.getWorkspace().size() > 0) filter.workspace = need(parse_workspace(view(in.getWorkspace())));
    if (in.getTenant().size() > 0) filter.tenant = need(parse_tenant(view(in.getTenant())));
    if (in.getType().size() > 0) filter.type = need(parse_run_type(view(in.getType())));
    filter.status = need_known(parse_run_status, in.getStatus(), "status");
    filter.outcome = need_known(parse_run_outcome, in.getOutcome(), "outcome");
    if (in.getHasSince()) filter.since = Time{in.getSince()};
    if (in.getHasUntil()) filter.until = Time{in.getUntil()};
    return filter;
  });
}

OperationRun::Row read(rpc::RunRow::Reader in) {
  const Result<RunId> run = checked([&] { return read_id<RunId>(in.getRun(), "run"); });
  return RowCodec::decode(run ? *run : RunId{}, view(in.getRow()));
}

}  // namespace runledger::words
