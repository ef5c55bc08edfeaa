// Formats lines of the operations log, and leaves out repeated ones.
//
// write() formats a line in the calling thread and adds it to the LogQueue, which writes it later: a caller never waits
// for the reader of standard error. Lines of one thread keep their order.
//
// The structure of a line never depends on its values. Names of fields and events are the program's own; each text
// value goes through sanitize(), which removes line ends and control characters and masks secrets, and is then quoted
// or written as a JSON string. So no caller of the daemon can start a line, or forge a field.
//
// write_sparingly() limits each event by itself. `repeats` holds one entry for each event name: when its window began,
// how many lines it has written since, and how many were left out. A window begins with the first event after the last
// window is over, and lasts kRepeatsWithinSeconds; after kRepeatsMax lines, further ones are only counted. The next
// line that is written is preceded by one that says how many were left out. The map stays small because event names are
// constants of the program.
#include "tools/daemon/observe/operations_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "ledger/base/mutex.h"
#include "ledger/secrets/sanitized_text.h"
#include "ledger/values/json_writer.h"
#include "ledger/values/time.h"
#include "tools/daemon/observe/log_queue.h"

namespace runledger {
namespace {

using Steady = std::chrono::steady_clock;

std::string_view colour_of(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "\x1b[32m";
    case LogLevel::kWarning:
      return "\x1b[33m\x1b[1m";
    case LogLevel::kError:
      return "\x1b[31m\x1b[1m";
  }
  return {};
}

// The current time, to the millisecond.
std::string now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return format_time(Time{} + std::chrono::floor<std::chrono::milliseconds>(since_epoch));
}

std::string json_line(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  JsonWriter json;
  json.begin_object().member("time", now()).member("level", level).member("event", event);
  for (const LogField& field : fields) {
    json.key(field.name);
    if (const auto* number = std::get_if<std::uint64_t>(&field.value)) {
      json.number(*number);
    } else {
      json.text(sanitize(std::get<std::string_view>(field.value)).str());
    }
  }
  json.end_object();
  return json.take() + '\n';
}

std::string quoted(std::string_view raw) {
  const SanitizedText clean = sanitize(raw);
  std::string text = "\"";
  for (const char c : clean.str()) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

std::string text_line(LogLevel level, bool colours, std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = fmt::format("{} {}{}{} {}", now(), colours ? colour_of(level) : "", to_string(level),
                                 colours ? "\x1b[m" : "", event);
  for (const LogField& field : fields) {
    const auto* number = std::get_if<std::uint64_t>(&field.value);
    line += fmt::format(" {}={}", field.name,
                        number != nullptr ? std::to_string(*number) : quoted(std::get<std::string_view>(field.value)));
  }
  return line + '\n';
}

// How often an event was logged in its current window.
struct Repeats {
  Steady::time_point since;    // When the window began.
  unsigned written = 0;        // Lines written in the window.
  std::uint64_t left_out = 0;  // Lines left out since the last one that was written.
};

}  // namespace

struct OperationsLog::Impl {
  const Options options;
  std::atomic<LogLevel> least{options.least};
  LogQueue queue{STDERR_FILENO};
  Mutex mutex;
  std::map<std::string, Repeats, std::less<>> repeats RUNLEDGER_GUARDED_BY(mutex);

  explicit Impl(const Options& of) : options(of) {}

  // Returns how many lines were left out before this one, or nullopt when this one is left out as well.
  std::optional<std::uint64_t> admit(std::string_view event) {
    const MutexLock lock(mutex);
    const auto now = Steady::now();
    auto found = repeats.find(event);
    if (found == repeats.end()) found = repeats.emplace(std::string(event), Repeats{now, 0, 0}).first;
    Repeats& of_event = found->second;
    if (now - of_event.since >= std::chrono::seconds(kRepeatsWithinSeconds)) {
      of_event.since = now;
      of_event.written = 0;
    }
    if (of_event.written == kRepeatsMax) {
      ++of_event.left_out;
      return std::nullopt;
    }
    ++of_event.written;
    return std::exchange(of_event.left_out, 0);
  }
};

OperationsLog::OperationsLog(const Options& options) : impl_(std::make_unique<Impl>(options)) {}

OperationsLog::~OperationsLog() = default;

void OperationsLog::set_least(LogLevel least) {
  impl_->least = least;
}

void OperationsLog::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  const Options& options = impl_->options;
  if (level < impl_->least) return;
  impl_->queue.add(options.form == LogForm::kJson ? json_line(level, event, fields)
                                                  : text_line(level, options.colours, event, fields));
}

void OperationsLog::write_sparingly(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  const std::optional<std::uint64_t> left_out = impl_->admit(event);
  if (!left_out) return;
  if (*left_out > 0) write(level, event, {{"left_out", *left_out}});
  write(level, event, fields);
}

}  // namespace runledger
