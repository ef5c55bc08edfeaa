// Writes the members of an answer, as everywhere, and after them those that only `exec` knows.
#include "tools/cli/output/exec_status_file.h"

#include "ledger/exchange/reply_json.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

// The members of an answer when the ledger has given none.
void write_no_answer(JsonWriter& out) {
  for (const char* name : {"decision", "rule", "run_id", "attempt", "retry_after", "sequence", "status", "outcome"})
    out.key(name).null();
}

void write_command(JsonWriter& out, const CommandEnd& end) {
  const bool exited = end.how == CommandEnd::How::kExited;
  const bool killed = end.how == CommandEnd::How::kKilled;
  out.begin_object();
  out.member("started", end.how != CommandEnd::How::kNotStarted);
  out.member("status", exited ? std::optional(end.number) : std::nullopt);
  out.member("signal", killed ? std::optional(end.number) : std::nullopt);
  out.member("timed_out", end.timed_out);
  out.end_object();
}

}  // namespace

ExecStatusFile::ExecStatusFile(const std::optional<std::string>& path) {
  if (path) file_.emplace(*path);
}

void ExecStatusFile::set_answer(const Reply& answer) {
  const MutexLock lock(mutex_);
  answer_ = answer;
}

void ExecStatusFile::set_decision(Verdict decision) {
  const MutexLock lock(mutex_);
  decision_ = to_string(decision);
}

void ExecStatusFile::set_spooled() {
  const MutexLock lock(mutex_);
  decision_ = kSpooled;
}

void ExecStatusFile::set_command(const std::optional<CommandEnd>& end) {
  const MutexLock lock(mutex_);
  command_ = end;
}

void ExecStatusFile::set_error(std::string_view code, std::string_view message) {
  const MutexLock lock(mutex_);
  error_ = Rejection{std::string(code), sanitize(message)};
}

std::string ExecStatusFile::json(ExitStatus status) const {
  JsonWriter out;
  out.begin_object();
  if (answer_) {
    write_members(out, *answer_, decision_.value_or(to_string(answer_->verdict)));
  } else {
    write_no_answer(out);
  }
  out.key("command");
  command_ ? write_command(out, *command_) : void(out.null());
  out.member("exit_status", static_cast<int>(status));
  out.key("error");
  if (error_) {
    out.begin_object().member("code", error_->code).member("message", error_->detail.str()).end_object();
  } else {
    out.null();
  }
  out.end_object();
  return out.take();
}

void ExecStatusFile::write(ExitStatus status) {
  const MutexLock lock(mutex_);
  if (!file_ || written_) return;
  written_ = true;
  file_->out().line(json(status));
  file_->commit();
}

}  // namespace runledger
