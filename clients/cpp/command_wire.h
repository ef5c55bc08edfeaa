// Commands and answers as the daemon's RPC carries them (schema/rpc.capnp), for the client and the server.
//
// For these two only; nothing else sees wire types. Those of claims are in clients/cpp/claim_wire.h.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "ledger/base/failure.h"
#include "ledger/explain.h"
#include "ledger/rules/ask.h"
#include "schema/rpc.capnp.h"

namespace runledger::wire {

void write(rpc::Order::Builder out, const RunRequest& order, const CommandOptions& mark);
void write(rpc::Start::Builder out, const StartAttempt& start, const CommandOptions& mark);
void write(rpc::IdentityStart::Builder out, const IdentityStart& start, const CommandOptions& mark);
void write(rpc::Heartbeat::Builder out, const Heartbeat& heartbeat);
// Requires an attempt named by number and token.
void write(rpc::Finish::Builder out, const FinishAttempt& finish, const CommandOptions& mark);
void write(rpc::Failure::Builder out, const FailRun& fail, const CommandOptions& mark);
void write(rpc::Cancel::Builder out, const CancelRun& cancel, const CommandOptions& mark);
void write(rpc::Expiry::Builder out, const ExpireLease& expiry);
void write(rpc::Answer::Builder out, const Answer& answer);
void write(rpc::Mark::Builder out, const CommandOptions& mark);
void write(rpc::Reply::Builder out, const Reply& reply);
void write(rpc::Rejection::Builder out, const Rejection& rejection);
void write(rpc::Explanation::Builder out, const Explanation& explanation);

// What arrives from outside is checked anew; the codes are those of the fields.
[[nodiscard]] Result<CommandOptions> read_mark(rpc::Mark::Reader in);
[[nodiscard]] Result<RunRequest> read(rpc::Order::Reader in);
[[nodiscard]] Result<StartAttempt> read(rpc::Start::Reader in);
[[nodiscard]] Result<IdentityStart> read(rpc::IdentityStart::Reader in);
[[nodiscard]] Result<Heartbeat> read(rpc::Heartbeat::Reader in);
[[nodiscard]] Result<FinishAttempt> read(rpc::Finish::Reader in);
[[nodiscard]] Result<FailRun> read(rpc::Failure::Reader in);
[[nodiscard]] Result<CancelRun> read(rpc::Cancel::Reader in);
[[nodiscard]] Result<ExpireLease> read(rpc::Expiry::Reader in);
// The same; what a daemon of another version says that this one cannot mean is UnknownOutcome.
[[nodiscard]] Answer read(rpc::Answer::Reader in);
[[nodiscard]] Answer read(rpc::Reply::Reader in);
[[nodiscard]] Rejection read(rpc::Rejection::Reader in);
// What cannot be meant throws Failure "daemon.failed".
[[nodiscard]] Explanation read(rpc::Explanation::Reader in);

// How a call that is refused as a whole, or fails, says why: "CODE: DETAIL", and with a word for what can be done
// before the code where the daemon's surroundings failed. Reading knows no text that is neither; such a one is a
// failure of the daemon, "daemon.failed".
[[nodiscard]] std::string refusal_text(const Rejection& rejection);
[[nodiscard]] std::string refusal_text(const Failure& failure);
[[nodiscard]] std::variant<Rejection, Failure> read_refusal(std::string_view text);

}  // namespace runledger::wire
