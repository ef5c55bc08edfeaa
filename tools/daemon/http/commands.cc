// The handlers of routes that change something: each builds a command and submits it to the session.
#include <fmt/format.h>

#include "ledger/exchange/explanation_json.h"
#include "ledger/exchange/reply_json.h"
#include "ledger/exchange/report_json.h"
#include "ledger/exchange/request_json.h"
#include "ledger/rules/report.h"
#include "ledger/values/json_writer.h"
#include "tools/daemon/http/handlers.h"
#include "tools/daemon/http/input.h"
#include "tools/daemon/http/problem.h"

namespace runledger::http_handlers {
namespace {

unsigned status_of_verdict(Verdict verdict) {
  switch (verdict) {
    case Verdict::kRequested:
    case Verdict::kStarted:
      return 201;
    case Verdict::kSkipped:
    case Verdict::kDeduped:
    case Verdict::kFinished:
    case Verdict::kLate:
    case Verdict::kFailed:
    case Verdict::kAlive:
    case Verdict::kExpired:
    case Verdict::kCancelled:
      return 200;
  }
  RUNLEDGER_ASSERT(false);
}

HttpResponse reply_response(const Reply& reply) {
  HttpResponse response{.status = status_of_verdict(reply.verdict),
                        .content_type = "application/json",
                        .body = reply_to_json(reply) + "\n"};
  if (reply.verdict == Verdict::kRequested)
    response.headers.emplace_back("Location", fmt::format("/v1/runs/{}", format_uuid(reply.run.value)));
  if (reply.verdict == Verdict::kSkipped && reply.retry_after)
    response.headers.emplace_back("Retry-After", std::to_string(whole_seconds(*reply.retry_after)));
  return response;
}

HttpResponse unknown_outcome() {
  return problem(status_of_code("outcome.unknown"), "outcome.unknown",
                 "the write path broke; ask again with the same command id");
}

// The completion runs on the sequencer's thread and does not hold it up: `respond` only posts the response.
Session::Completion answer_with(const HttpRespond& respond) {
  return [respond](const Answer& answer) {
    if (const auto* reply = std::get_if<Reply>(&answer)) return respond(reply_response(*reply));
    if (const auto* rejection = std::get_if<Rejection>(&answer)) return respond(problem(*rejection));
    respond(unknown_outcome());
  };
}

HttpResponse claim_response(const ClaimAnswer& answer) {
  if (const auto* rejection = std::get_if<Rejection>(&answer)) return problem(*rejection);
  if (std::holds_alternative<UnknownOutcome>(answer)) return unknown_outcome();
  const auto* claimed = std::get_if<ClaimedRun>(&answer);
  if (claimed == nullptr) return {.status = 204};
  JsonWriter out;
  out.begin_object();
  Reply started = claimed->started;
  started.lease = claimed->lease;
  write_members(out, started);
  out.member("workspace_id", claimed->scope.workspace.str());
  out.member("tenant_id", claimed->scope.tenant);
  out.member("type", claimed->type.str());
  out.key("input").json(claimed->input.canonical());
  out.end_object();
  HttpResponse response = reply_response(claimed->started);
  response.body = out.take() + "\n";
  return response;
}

// A start without a starter works, but two processes that send one command id both believe that they started the run.
void warn_without(const std::optional<std::string>& starter, Reply& reply) {
  if (!starter) reply.warnings.push_back({.code = "starter.missing", .path = "starter"});
}

void submit_start(const HttpCall& call, const HttpBody& body, Ask ask, const HttpRespond& respond) {
  const CommandOptions options = body.start_options(call.request);
  call.session->submit(std::move(ask), options,
                       [starter = options.starter, complete = answer_with(respond)](Answer answer) {
                         if (auto* reply = std::get_if<Reply>(&answer)) warn_without(starter, *reply);
                         complete(std::move(answer));
                       });
}

void submit(const HttpCall& call, const HttpBody& body, Ask ask, const HttpRespond& respond) {
  call.session->submit(std::move(ask), body.command_options(call.request), answer_with(respond));
}

std::optional<SanitizedText> initiator_in(const HttpBody& body) {
  const auto* text = body.find_text("initiator");
  return text != nullptr ? std::optional(sanitize(*text)) : std::nullopt;
}

RunRequest read_request(const HttpCall& call, const HttpBody& body) {
  RunRequest request;
  if (const auto* text = body.find_text("workspace")) request.workspace = need(parse_workspace(*text));
  if (const auto* text = body.find_text("tenant")) request.tenant = need(parse_tenant(*text));
  request.type = need(parse_run_type(body.text("type")));
  request.input = body.input();
  if (const auto* text = body.find_text("run_id")) request.run = RunId{need(parse_uuid(*text, "run_id"))};
  request.initiator = initiator_in(body);
  request.force = body.boolean_or("force", false);
  if (const auto* text = body.find_text("parent_run_id")) request.parent = RunId{need(parse_uuid(*text, "parent"))};
  if (const auto* text = body.find_text("rerun_of")) request.rerun_of = RunId{need(parse_uuid(*text, "rerun_of"))};
  // The header is the standard's way; a member of the body is for callers that cannot set headers, and wins.
  request.traceparent = call.request.traceparent;
  read_optional_members(body, request);
  return request;
}

}  // namespace

void request_run(const HttpCall& call, const HttpRespond& respond) {
  const HttpBody body(call.request, call.route->members);
  submit(call, body, read_request(call, body), respond);
}

void explain_request(const HttpCall& call, const HttpRespond& respond) {
  const HttpBody body(call.request, call.route->members);
  const Explanation explanation = need(call.session->explain(read_request(call, body)));
  respond({.status = 200, .content_type = "application/json", .body = explanation_to_json(explanation) + "\n"});
}

void start_attempt(const HttpCall& call, const HttpRespond& respond) {
  const HttpBody body(call.request, call.route->members);
  StartAttempt start{.run = need_run(call),
                     .worker = sanitize(body.text_or("worker", "")),
                     .key = {},
                     .lease = body.lease(),
                     .respect_not_before = body.boolean_or("respect_not_before", false)};
  submit_start(call, body, std::move(start), respond);
}

void start_by_identity(const HttpCall& call, const HttpRespond& respond) {
  const HttpBody body(call.request, call.route->members);
  IdentityStart start{.request = read_request(call, body),
                      .worker = sanitize(body.text_or("worker", "")),
                      .lease = body.lease(),
                      .respect_not_before = body.boolean_or("respect_not_before", false)};
  submit_start(call, body, std::move(start), respond);
}

void heartbeat(const HttpCall& call, const HttpRespond& respond) {
  const HttpBody body(call.request, call.route->members);
  Heartbeat beat{.run = need_run(call), .attempt = {need_attempt(call), body.token()}};
  read_progress(body, beat);
  submit(call, body, std::move(beat), respond);
}

void finish_attempt(const HttpCall& call, const HttpRespond& respond) {
  const HttpBody body(call.request, call.route->members);
  FinishAttempt finish;
  finish.run = need_run(call);
  finish.attempt = AttemptRef{need_attempt(call), body.token()};
  finish.outcome = need(parse_reported_outcome(body.text("outcome")));
  read_details(body, finish);
  finish.retryable = body.boolean_or("retryable", true);
  submit(call, body, std::move(finish), respond);
}

void fail_run(const HttpCall& call, const HttpRespond& respond) {
  const HttpBody body(call.request, call.route->members);
  FailRun fail{.run = need_run(call),
               .reason_code = need(parse_reason_code(body.text("reason_code"))),
               .message = sanitize(body.text_or("message", "")),
               .initiator = initiator_in(body)};
  submit(call, body, std::move(fail), respond);
}

void cancel_run(const HttpCall& call, const HttpRespond& respond) {
  const HttpBody body(call.request, call.route->members);
  CancelRun cancel{
      .run = need_run(call), .message = sanitize(body.text_or("message", "")), .initiator = initiator_in(body)};
  submit(call, body, std::move(cancel), respond);
}

// If the caller goes away just when an attempt is started for it, that attempt ends when its lease runs out.
void claim_run(const HttpCall& call, const HttpRespond& respond) {
  const HttpBody body(call.request, call.route->members);
  ClaimRequest request{.types = body.types(),
                       .worker = sanitize(body.text_or("worker", "")),
                       .wait = body.wait(),
                       .lease = body.lease()};
  const CommandOptions options = body.start_options(call.request);
  call.caller->wait_with(
      call.session->claim(std::move(request), options, [starter = options.starter, respond](ClaimAnswer answer) {
        if (auto* claimed = std::get_if<ClaimedRun>(&answer)) warn_without(starter, claimed->started);
        respond(claim_response(answer));
      }));
}

void rebuild_mirror(const HttpCall& call, const HttpRespond& respond) {
  const bool dry_run = need_switch(call.target, "dry_run");
  const auto write = [](JsonWriter& out, const RebuildReport& report) -> JsonWriter& {
    out.member("scanned", report.scanned).member("drifted", report.drifted).member("inserted", report.inserted);
    return out.member("updated", report.updated).member("deleted", report.deleted);
  };
  const auto complete = [respond, write](const Result<RebuiltMirror>& rebuilt) {
    if (!rebuilt) return respond(problem(rebuilt.rejection()));
    JsonWriter out;
    write(out.begin_object().member("schema", rebuilt->schema), rebuilt->report);
    write(out.key("attempts").begin_object(), rebuilt->report.attempts).end_object().end_object();
    respond({.status = 200, .content_type = "application/json", .body = out.take() + "\n"});
  };
  call.session->rebuild_mirror({.dry_run = dry_run, .complete = complete});
}

}  // namespace runledger::http_handlers
