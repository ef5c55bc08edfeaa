// What the daemon tells its operator, line by line.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <variant>

namespace runledger {

enum class LogForm : std::uint8_t {
  kText,  // 2026-01-31T12:00:00.123Z info listening way=http address="127.0.0.1:80"
  kJson,  // {"time":"2026-01-31T12:00:00.123Z","level":"info","event":"listening","way":"http","address":"…"}
};
enum class LogLevel : std::uint8_t { kInfo, kWarning, kError };

// A name of the program's own, and a value from anywhere.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::uint64_t> value;
};

// Any thread may use it. Each text is sanitised, so no line holds a secret that ledger/secrets/detector.h knows, and no
// caller can begin a line. A log that cannot be written, or is not read, stops nobody: see LogQueue.
class OperationsLog {
 public:
  struct Options {
    LogForm form = LogForm::kText;
    LogLevel least = LogLevel::kInfo;  // What is below is left out.
    bool colours = false;              // Of the level, in text.
  };
  // To standard error.
  explicit OperationsLog(const Options& options);
  ~OperationsLog();

  // `event` is words of the program's own, such as "connection-refused".
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

  // The same for what callers can bring about as often as they like: at most kRepeatsMax lines of an event in
  // kRepeatsWithin; the next line after that says in "left_out" how many there were more.
  void write_sparingly(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
  static constexpr unsigned kRepeatsMax = 20;
  static constexpr std::uint64_t kRepeatsWithinSeconds = 10;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
