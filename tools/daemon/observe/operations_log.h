// The operations log: lines for the operator of a daemon or a worker.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <variant>

#include "ledger/base/enum_words.h"

namespace runledger {

enum class LogForm : std::uint8_t {
  kText,  // 2026-01-31T12:00:00.123Z info listening way=http address="127.0.0.1:80"
  kJson,  // {"time":"2026-01-31T12:00:00.123Z","level":"info","event":"listening","way":"http","address":"…"}
};
enum class LogLevel : std::uint8_t { kInfo, kWarning, kError };
template <>
inline constexpr auto kEnumWords<LogLevel> =
    enum_words<LogLevel>({{LogLevel::kInfo, "info"}, {LogLevel::kWarning, "warning"}, {LogLevel::kError, "error"}});

// One field of a line. The name is a constant of the program; the value may come from a caller.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::uint64_t> value;
};

// Writes lines to standard error. Any thread may use it. Each text value is sanitised, so no line contains a secret
// that ledger/secrets/detector.h recognises, and no caller can start a line of its own. A log that cannot be written,
// or is not read, does not stop the program; see LogQueue.
class OperationsLog {
 public:
  struct Options {
    LogForm form = LogForm::kText;
    LogLevel least = LogLevel::kInfo;  // Lines of lower levels are left out.
    bool colours = false;              // Colours the level; only for kText.
  };
  explicit OperationsLog(const Options& options);
  ~OperationsLog();

  // From now on lines of lower levels are left out.
  void set_least(LogLevel least);

  // Queues one line; never waits. `event` is a constant of the program, such as "connection-refused".
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

  // The same for events that callers can cause as often as they like: writes at most kRepeatsMax lines of an event in
  // kRepeatsWithinSeconds. Before the next line that is written, a line of the same event says in "left_out" how many
  // were left out.
  void write_sparingly(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
  static constexpr unsigned kRepeatsMax = 20;
  static constexpr std::uint64_t kRepeatsWithinSeconds = 10;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
