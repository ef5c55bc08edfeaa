// Puts lines together, and leaves out those of a flood.
#include "tools/daemon/observe/operations_log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <chrono>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "ledger/secrets/sanitized_text.h"
#include "ledger/values/json_writer.h"
#include "tools/daemon/observe/log_queue.h"

namespace runledger {
namespace {

using Steady = std::chrono::steady_clock;

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// The rest of an object that the pattern has begun.
std::string json_line(std::string_view event, std::initializer_list<LogField> fields) {
  JsonWriter json;
  json.begin_object();
  json.key("event").text(event);
  for (const LogField& field : fields) {
    json.key(field.name);
    if (const auto* number = std::get_if<std::uint64_t>(&field.value)) {
      json.number(*number);
    } else {
      json.text(sanitize(std::get<std::string_view>(field.value)).str());
    }
  }
  json.end_object();
  return json.take().substr(1);
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

std::string text_line(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line(event);
  for (const LogField& field : fields) {
    const auto* number = std::get_if<std::uint64_t>(&field.value);
    line += fmt::format(" {}={}", field.name,
                        number != nullptr ? std::to_string(*number) : quoted(std::get<std::string_view>(field.value)));
  }
  return line;
}

// How often an event was told of late.
struct Repeats {
  Steady::time_point since;
  unsigned told = 0;
  std::uint64_t left_out = 0;
};

std::string_view colour_of(spdlog::level::level_enum level) {
  if (level == spdlog::level::err) return "\x1b[31m\x1b[1m";
  return level == spdlog::level::warn ? "\x1b[33m\x1b[1m" : "\x1b[32m";
}

// What the other sinks of spdlog do at once, they do while their caller waits.
class QueuedSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit QueuedSink(bool colours) : colours_(colours) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    std::string line(formatted.data(), formatted.size());
    if (colours_ && message.color_range_end > message.color_range_start) {
      line.insert(message.color_range_end, "\x1b[m");
      line.insert(message.color_range_start, colour_of(message.level));
    }
    queue_.add(std::move(line));
  }
  void flush_() override {}

  const bool colours_;
  LogQueue queue_{STDERR_FILENO};
};

std::shared_ptr<spdlog::logger> make_logger(const OperationsLog::Options& options) {
  auto sink = std::make_shared<QueuedSink>(options.colours && options.form == LogForm::kText);
  auto logger = std::make_shared<spdlog::logger>("runledger", std::move(sink));
  const char* const pattern = options.form == LogForm::kJson ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v)"
                                                             : "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v";
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
  logger->set_level(level_of(options.least));
  logger->set_error_handler([](const std::string&) {});
  return logger;
}

}  // namespace

struct OperationsLog::Impl {
  LogForm form;
  std::shared_ptr<spdlog::logger> logger;
  std::mutex mutex;  // Guards the one below.
  std::map<std::string, Repeats, std::less<>> repeats;

  explicit Impl(const Options& options) : form(options.form), logger(make_logger(options)) {}

  // How many were left out before this one, or nothing when it is left out too.
  std::optional<std::uint64_t> admit(std::string_view event) {
    const std::lock_guard lock(mutex);
    const auto now = Steady::now();
    auto found = repeats.find(event);
    if (found == repeats.end()) found = repeats.emplace(std::string(event), Repeats{now, 0, 0}).first;
    Repeats& of_event = found->second;
    if (now - of_event.since >= std::chrono::seconds(kRepeatsWithinSeconds)) {
      of_event.since = now;
      of_event.told = 0;
    }
    if (of_event.told == kRepeatsMax) {
      ++of_event.left_out;
      return std::nullopt;
    }
    ++of_event.told;
    return std::exchange(of_event.left_out, 0);
  }
};

OperationsLog::OperationsLog(const Options& options) : impl_(std::make_unique<Impl>(options)) {}

OperationsLog::~OperationsLog() = default;

void OperationsLog::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!impl_->logger->should_log(level_of(level))) return;
  // As an argument, not as the format, in which braces would mean something.
  impl_->logger->log(level_of(level), "{}",
                     impl_->form == LogForm::kJson ? json_line(event, fields) : text_line(event, fields));
}

void OperationsLog::write_sparingly(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  const std::optional<std::uint64_t> left_out = impl_->admit(event);
  if (!left_out) return;
  if (*left_out > 0) write(level, event, {{"left_out", *left_out}});
  write(level, event, fields);
}

}  // namespace runledger
