// Conversion of commands and answers to and from wire types (schema/rpc.capnp).
//
// Only the clients in this folder and the daemon's RPC server use this; no other code sees wire types. Claims are in
// claim_wire.h, queries in read_wire.h. Any thread may call these functions.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "ledger/base/failure.h"
#include "ledger/explain.h"
#include "ledger/rules/ask.h"
#include "schema/rpc.capnp.h"

namespace runledger::wire {

void write(rpc::Order::Builder out, const RunRequest& request, const CommandOptions& options);
void write(rpc::Start::Builder out, const StartAttempt& start, const CommandOptions& options);
void write(rpc::IdentityStart::Builder out, const IdentityStart& start, const CommandOptions& options);
void write(rpc::Heartbeat::Builder out, const Heartbeat& heartbeat);
// Requires an attempt that is named by number and token (AttemptRef): the RPC has no form for an AttemptKey.
void write(rpc::Finish::Builder out, const FinishAttempt& finish, const CommandOptions& options);
void write(rpc::Failure::Builder out, const FailRun& fail, const CommandOptions& options);
void write(rpc::Cancel::Builder out, const CancelRun& cancel, const CommandOptions& options);
void write(rpc::Expiry::Builder out, const ExpireLease& expiry);
void write(rpc::SpooledRun::Builder out, const SpooledRun& spooled);
void write(rpc::Answer::Builder out, const Answer& answer);
void write(rpc::Mark::Builder out, const CommandOptions& options);
void write(rpc::Reply::Builder out, const Reply& reply);
void write(rpc::Rejection::Builder out, const Rejection& rejection);
void write(rpc::Explanation::Builder out, const Explanation& explanation);

// Reading in the daemon checks every value again, because it comes from outside. Codes: those of the fields.
[[nodiscard]] Result<CommandOptions> read_options(rpc::Mark::Reader in);
[[nodiscard]] Result<RunRequest> read(rpc::Order::Reader in);
[[nodiscard]] Result<StartAttempt> read(rpc::Start::Reader in);
[[nodiscard]] Result<IdentityStart> read(rpc::IdentityStart::Reader in);
[[nodiscard]] Result<Heartbeat> read(rpc::Heartbeat::Reader in);
[[nodiscard]] Result<FinishAttempt> read(rpc::Finish::Reader in);
[[nodiscard]] Result<FailRun> read(rpc::Failure::Reader in);
[[nodiscard]] Result<CancelRun> read(rpc::Cancel::Reader in);
[[nodiscard]] Result<ExpireLease> read(rpc::Expiry::Reader in);
[[nodiscard]] Result<SpooledRun> read(rpc::SpooledRun::Reader in);
// Reading in the client. An answer that this version cannot express, from a daemon of another version, is read as
// UnknownOutcome.
[[nodiscard]] Answer read(rpc::Answer::Reader in);
[[nodiscard]] Answer read(rpc::Reply::Reader in);
[[nodiscard]] Rejection read(rpc::Rejection::Reader in);
// Throws Failure "daemon.failed" for an explanation that this version cannot express.
[[nodiscard]] Explanation read(rpc::Explanation::Reader in);

// The text of the exception with which the daemon refuses or fails a whole call: "CODE: DETAIL" for a rejection, and
// "REMEDY CODE: DETAIL" for a failure, where REMEDY is a word such as "retry-later". read_refusal() reads both forms;
// any other text is read as Failure "daemon.failed".
[[nodiscard]] std::string refusal_text(const Rejection& rejection);
[[nodiscard]] std::string refusal_text(const Failure& failure);
[[nodiscard]] std::variant<Rejection, Failure> read_refusal(std::string_view text);

}  // namespace runledger::wire
