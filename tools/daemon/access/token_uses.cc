// Keeps the days in memory, and writes the whole file when one of them changes, at most once a second.
#include "tools/daemon/access/token_uses.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <chrono>
#include <set>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/base/posix_file.h"
#include "ledger/base/thread_name.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

constexpr const char* kUsesFile = "access-tokens.used";
constexpr std::chrono::seconds kWrittenEvery{1};
constexpr JsonLimits kUsesLimits = {.bytes_max = 4 * 1024 * 1024, .depth_max = 4, .keys_max = 100'000};

Time day_of(Time time) {
  return Time{} + std::chrono::floor<std::chrono::days>(time - Time{});
}

DaysOfUse parse_uses(std::string_view text) {
  DaysOfUse days;
  const JsonValue document = need(parse_json(text, kUsesLimits));
  const JsonObject in(document, "the file", "tokens.damaged");
  for (const JsonValue& each : in.array("used")) {
    const JsonObject used = in.element(each, "a use");
    const TokenId id{need(parse_uuid(used.text("id"), "id"))};
    days[id] = need(parse_time(fmt::format("{}T00:00:00Z", used.text("day"))));
  }
  return days;
}

}  // namespace

std::string format_day(Time day) {
  constexpr std::size_t kDateLength = 10;
  return format_time(day).substr(0, kDateLength);
}

DaysOfUse read_days_of_use(const std::filesystem::path& directory) {
  const PosixFile file = open_own(directory / kUsesFile, O_RDONLY, FileAccess::kAny);
  if (!file.is_open()) return {};
  try {
    return parse_uses(file.read_all());
  } catch (const Refused& refused) {
    throw Failure(Remedy::kDamageFound, "tokens.damaged",
                  fmt::format("expected the days of use of access tokens in {}, found a file that cannot be read: {}; "
                              "it can be removed, and nothing else is lost with it",
                              (directory / kUsesFile).string(), refused.rejection().detail.str()));
  }
}

TokenUses::TokenUses(std::filesystem::path directory, const TokenStore& tokens,
                     std::function<void(const std::string& what)> on_failed)
    : directory_(std::move(directory)), tokens_(tokens), on_failed_(std::move(on_failed)) {
  try {
    const MutexLock lock(mutex_);
    days_ = read_days_of_use(directory_);
  } catch (const Failure& failure) {
    on_failed_(failure.what());
  }
  thread_ = std::thread([this] { keep(); });
}

TokenUses::~TokenUses() {
  {
    const MutexLock lock(mutex_);
    stops_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void TokenUses::note(TokenId id, Time now) {
  const Time day = day_of(now);
  const MutexLock lock(mutex_);
  Time& last = days_[id];
  if (last >= day) return;
  last = day;
  has_news_ = true;
  changed_.notify_one();
}

void TokenUses::keep() {
  name_thread("token-uses");
  MutexLock lock(mutex_);
  for (;;) {
    while (!has_news_ && !stops_) changed_.wait(lock);
    if (!has_news_) return;
    has_news_ = false;
    DaysOfUse days = days_;
    lock.unlock();
    write(std::move(days));
    lock.lock();
    const auto next = std::chrono::steady_clock::now() + kWrittenEvery;
    while (!stops_ && changed_.wait_until(lock, next)) {
    }
  }
}

void TokenUses::write(DaysOfUse days) const {
  try {
    std::set<TokenId> stored;
    for (const AccessToken& token : tokens_.list()) stored.insert(token.id);
    JsonWriter out(JsonWriter::Layout::kIndented);
    out.begin_object().key("used").begin_array();
    for (const auto& [id, day] : days) {
      if (!stored.contains(id)) continue;
      out.begin_object().member("id", format_uuid(id.value)).member("day", format_day(day)).end_object();
    }
    out.end_array().end_object();
    replace_own(directory_ / kUsesFile, out.take() + "\n");
  } catch (const Failure& failure) {
    on_failed_(failure.what());
  }
}

}  // namespace runledger
