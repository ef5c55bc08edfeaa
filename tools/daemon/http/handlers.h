// The handlers of the routes; the table in http/routes.cc says which route has which.
#pragma once

#include "tools/daemon/http/route.h"

namespace runledger::http_handlers {

// Each handler requires a call that HttpRoutes::admit() returned, with its body, and answers as HttpHandler says. Each
// throws Refused for input that it cannot use, and Failure as the session's reads do.

// Commands (http/commands.cc). They answer later, on the sequencer's or the claims' thread.
void request_run(const HttpCall& call, const HttpRespond& respond);
void start_attempt(const HttpCall& call, const HttpRespond& respond);
void start_by_identity(const HttpCall& call, const HttpRespond& respond);
void heartbeat(const HttpCall& call, const HttpRespond& respond);
void finish_attempt(const HttpCall& call, const HttpRespond& respond);
void fail_run(const HttpCall& call, const HttpRespond& respond);
void cancel_run(const HttpCall& call, const HttpRespond& respond);
// Carries out the commands in the lines of the body, in order, and answers each in a line.
void carry_out_lines(const HttpCall& call, const HttpRespond& respond);
void explain_request(const HttpCall& call, const HttpRespond& respond);  // Submits nothing.
void claim_run(const HttpCall& call, const HttpRespond& respond);
void rebuild_mirror(const HttpCall& call, const HttpRespond& respond);  // Answers on the mirror's thread.

// Reads (http/reads.cc). They answer before they return, and may block for as long as a read; only await_mirror answers
// later, on the mirror's threads.
void list_runs(const HttpCall& call, const HttpRespond& respond);
void show_run(const HttpCall& call, const HttpRespond& respond);
void show_run_events(const HttpCall& call, const HttpRespond& respond);
void show_events(const HttpCall& call, const HttpRespond& respond);
// Answers the question of which the path after "/v1/" is the name; that of a run is about the run in the path.
void answer_question(const HttpCall& call, const HttpRespond& respond);
void show_evidence(const HttpCall& call, const HttpRespond& respond);
void show_run_evidence(const HttpCall& call, const HttpRespond& respond);
void show_changes(const HttpCall& call, const HttpRespond& respond);
void await_mirror(const HttpCall& call, const HttpRespond& respond);
void show_types(const HttpCall& call, const HttpRespond& respond);
void show_stats(const HttpCall& call, const HttpRespond& respond);
void show_session(const HttpCall& call, const HttpRespond& respond);
void show_openapi(const HttpCall& call, const HttpRespond& respond);
void show_alive(const HttpCall& call, const HttpRespond& respond);

// The page (http/page.cc).
void redirect_to_page(const HttpCall& call, const HttpRespond& respond);
void show_page(const HttpCall& call, const HttpRespond& respond);
void show_page_file(const HttpCall& call, const HttpRespond& respond);

}  // namespace runledger::http_handlers
