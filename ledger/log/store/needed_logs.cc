// Asks the engine for the oldest file that it needs, and the directory for the files.
#include "ledger/log/store/needed_logs.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <string>

#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "ledger/log/store/families.h"
#include "ledger/values/number.h"

namespace runledger {
namespace {

std::uint64_t oldest_needed_log(rocksdb::DB& db) {
  std::uint64_t number = 0;
  RUNLEDGER_ASSERT(db.GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &number));
  return number;
}

std::string log_name(std::uint64_t number) {
  return fmt::format("{:06}.log", number);
}

// Returns the size of a file of the engine's log; zero when there is none.
std::uint64_t log_size(const rocksdb::DB& db, std::uint64_t number) {
  const std::string path = db.GetName() + "/" + log_name(number);
  std::uint64_t bytes = 0;
  const rocksdb::Status status = db.GetEnv()->GetFileSize(path, &bytes);
  if (!status.IsNotFound() && !status.IsPathNotFound()) check(status, "looking at " + path);
  return bytes;
}

}  // namespace

NeededLogs needed_logs_of(rocksdb::DB& db) {
  std::vector<std::string> names;
  check(db.GetEnv()->GetChildren(db.GetName(), &names), "reading the store's directory");
  std::vector<std::uint64_t> numbers;
  NeededLogs needed{.from = oldest_needed_log(db), .complete = {}};
  for (const std::string& name : names) {
    if (!name.ends_with(".log")) continue;
    const std::string_view digits = std::string_view(name).substr(0, name.size() - 4);
    const Result<std::uint64_t> number = parse_number(digits, "number", {});
    if (number && *number >= needed.from) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  if (!numbers.empty()) numbers.pop_back();
  for (const std::uint64_t number : numbers) {
    if (const std::uint64_t bytes = log_size(db, number); bytes != 0) needed.complete.push_back({number, bytes});
  }
  return needed;
}

void require_logs_of(rocksdb::DB& db, const NeededLogs& before) {
  const std::uint64_t from = oldest_needed_log(db);
  if (from < before.from) {
    throw_damaged(
        fmt::format("{}: expected files of the engine's log to be needed from number {} on, as the mark says, "
                    "found from {} on: the manifest has lost its end",
                    db.GetName(), before.from, from));
  }
  for (const auto& [number, bytes] : before.complete) {
    const std::uint64_t found = number < from ? bytes : log_size(db, number);
    if (found < bytes) {
      throw_damaged(fmt::format("{}/{}: expected the {} bytes that the mark names, found {}", db.GetName(),
                                log_name(number), bytes, found));
    }
  }
}

}  // namespace runledger
