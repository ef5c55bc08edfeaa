// What each route does with its call. Which route is whose is said in http_routes.cc.
#pragma once

// Each throws Refused for input that it cannot use, and Failure as the session's reads do.
#include "tools/daemon/http/route.h"

namespace runledger::http_handlers {

void request_run(const HttpCall& call, const HttpRespond& respond);
void start_attempt(const HttpCall& call, const HttpRespond& respond);
void heartbeat(const HttpCall& call, const HttpRespond& respond);
void finish_attempt(const HttpCall& call, const HttpRespond& respond);
void fail_run(const HttpCall& call, const HttpRespond& respond);
void cancel_run(const HttpCall& call, const HttpRespond& respond);
void claim_run(const HttpCall& call, const HttpRespond& respond);

void list_runs(const HttpCall& call, const HttpRespond& respond);
void show_run(const HttpCall& call, const HttpRespond& respond);
void show_run_events(const HttpCall& call, const HttpRespond& respond);
void show_events(const HttpCall& call, const HttpRespond& respond);
void show_types(const HttpCall& call, const HttpRespond& respond);
void show_stats(const HttpCall& call, const HttpRespond& respond);
void show_openapi(const HttpCall& call, const HttpRespond& respond);
void show_alive(const HttpCall& call, const HttpRespond& respond);

}  // namespace runledger::http_handlers
