// The handler of a route that carries out many commands: each line of the body is a command, with the body that its own
// route takes.
//
// The commands are submitted in their order, and the sequencer decides them in that order. A line may use the run that
// a line before it requests under a run_id: it waits for that commit. Each is answered by the handler of its own route;
// the last answer to come writes them all. A line that cannot be read is answered with its refusal, and does not harm
// the others.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "ledger/base/assert.h"
#include "ledger/base/mutex.h"
#include "ledger/values/json.h"
#include "tools/daemon/http/handlers.h"
#include "tools/daemon/http/input.h"
#include "tools/daemon/http/problem.h"
#include "tools/daemon/http/routes.h"

namespace runledger::http_handlers {
namespace {

constexpr std::size_t kLinesMax = 512;

struct LineCommand {
  std::string_view name;
  std::string_view path;  // Of its route, whose method is POST.
};
constexpr LineCommand kLineCommands[] = {{"request", "/v1/runs"},
                                         {"start_by_identity", "/v1/attempts"},
                                         {"start", "/v1/runs/{id}/attempts"},
                                         {"heartbeat", "/v1/runs/{id}/attempts/{n}/heartbeat"},
                                         {"finish", "/v1/runs/{id}/attempts/{n}/finish"},
                                         {"fail", "/v1/runs/{id}/fail"},
                                         {"cancel", "/v1/runs/{id}/cancel"}};

// The responses to all lines, and the place where the last one sends them.
class LineAnswers {
 public:
  LineAnswers(std::size_t count, HttpRespond respond) : responses_(count), respond_(std::move(respond)) {}

  void answer(std::size_t line, HttpResponse response) {
    responses_[line] = std::move(response);
    bool is_last = false;
    {
      const MutexLock lock(mutex_);
      is_last = ++answered_ == responses_.size();
      moved_.notify_all();
    }
    if (is_last) respond_({.status = 200, .content_type = "application/x-ndjson", .body = lines()});
  }
  // Waits until so many lines have been answered.
  void wait_for(std::size_t count) {
    MutexLock lock(mutex_);
    while (answered_ < count) moved_.wait(lock);
  }

 private:
  [[nodiscard]] std::string lines() const {
    std::string text;
    for (const HttpResponse& response : responses_) {
      std::string_view body = response.body;
      while (body.ends_with('\n')) body.remove_suffix(1);
      text += fmt::format("{{\"status\":{},\"answer\":{}}}\n", response.status, body);
    }
    return text;
  }

  std::vector<HttpResponse> responses_;  // Each is written by the one thread that answers its line.
  Mutex mutex_;
  Condition moved_;
  std::size_t answered_ RUNLEDGER_GUARDED_BY(mutex_) = 0;
  HttpRespond respond_;
};

std::vector<std::string_view> split_lines(std::string_view body) {
  std::vector<std::string_view> lines;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (line.empty()) continue;
    if (lines.size() == kLinesMax)
      refuse("commands.too_many", fmt::format("expected at most {} commands, found more", kLinesMax));
    lines.push_back(line);
  }
  if (lines.empty()) refuse("body.malformed", "expected a command in each line, found no line");
  return lines;
}

const HttpRoute& need_command_route(const std::string& name) {
  const auto* const command = std::find_if(std::begin(kLineCommands), std::end(kLineCommands),
                                           [&](const LineCommand& each) { return each.name == name; });
  if (command == std::end(kLineCommands))
    refuse("command.unknown", "expected request, start_by_identity, start, heartbeat, finish, fail or cancel");
  const std::vector<HttpRoute>& routes = http_routes();
  const auto route = std::find_if(routes.begin(), routes.end(), [&](const HttpRoute& each) {
    return each.method == "POST" && each.path == command->path;
  });
  RUNLEDGER_ASSERT(route != routes.end());
  return *route;
}

std::optional<Uuid> parsed_run(const std::string& text) {
  const Result<Uuid> run = parse_uuid(text, "run");
  return run ? std::optional(*run) : std::nullopt;
}

// Makes the call that the line stands for.
HttpCall read_line(const HttpCall& call, std::string_view text) {
  HttpRequest line;
  line.body = text;
  const HttpBody body(line, call.route->members);
  HttpCall command{.request = {}, .target = {}, .session = call.session};
  command.route = &need_command_route(body.text("command"));
  command.who = call.who;
  if (command.route->path.find("{id}") != std::string_view::npos) command.parameters.push_back(body.text("run"));
  if (command.route->path.find("{n}") != std::string_view::npos)
    command.parameters.push_back(std::to_string(body.number("attempt", {.min = 1, .max = UINT32_MAX})));
  if (command.parameters.empty() && body.find("run") != nullptr)
    refuse("body.malformed", "expected no run in this command: its body may have a run_id");
  if (call.request.idempotency_key)
    refuse("idempotency_key.invalid",
           "expected a command_id in the body of each command, found a key of the whole call");
  const JsonValue* content = body.find("body");
  command.request.body = content == nullptr ? "{}" : canonical_json(*content);
  return command;
}

// The id that a request in this body gives to its run.
std::optional<Uuid> requested_run(const HttpCall& command) {
  if (!command.parameters.empty()) return std::nullopt;
  const HttpBody body(command.request, command.route->members);
  const std::string* run = body.find_text("run_id");
  return run == nullptr ? std::nullopt : parsed_run(*run);
}

// `requested` are the runs that earlier lines request. The session of a caller that is bound to a scope looks a run up
// before it submits a command about it, so a line that names one of them has to wait for the answers of all lines
// before it.
void carry_out_line(const HttpCall& call, std::string_view text, std::set<Uuid>& requested,
                    const std::function<void()>& wait, const HttpRespond& respond) {
  try {
    const HttpCall command = read_line(call, text);
    if (call.session->grant().workspace) {
      const auto named = command.parameters.empty() ? std::nullopt : parsed_run(command.parameters[0]);
      if (named && requested.contains(*named)) {
        wait();
        requested.clear();
      }
      if (const auto run = requested_run(command)) requested.insert(*run);
    }
    command.route->handler(command, respond);
  } catch (const Refused& refused) {
    respond(problem(refused.rejection()));
  } catch (const Failure& failure) {  // Looking up its run failed; earlier commands are carried out and answered.
    respond(problem(failure));
  }
}

}  // namespace

void carry_out_lines(const HttpCall& call, const HttpRespond& respond) {
  const std::vector<std::string_view> lines = split_lines(call.request.body);
  const auto answers = std::make_shared<LineAnswers>(lines.size(), respond);
  std::set<Uuid> requested;
  for (std::size_t i = 0; i < lines.size(); ++i)
    carry_out_line(
        call, lines[i], requested, [&answers, i] { answers->wait_for(i); },
        [answers, i](HttpResponse response) { answers->answer(i, std::move(response)); });
}

}  // namespace runledger::http_handlers
