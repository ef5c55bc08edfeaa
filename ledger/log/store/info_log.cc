// Writes each line with a single write(), so that lines of different threads do not mix.
#include "ledger/log/store/info_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "ledger/values/time.h"

namespace runledger {
namespace {

constexpr std::uintmax_t kFileBytesMax = 4ULL << 20U;
constexpr std::size_t kLineBytesMax = 4096;

}  // namespace

StoreInfoLog::StoreInfoLog(std::filesystem::path file) : Logger(rocksdb::WARN_LEVEL), file_(std::move(file)) {}

void StoreInfoLog::Logv(const char* format, va_list arguments) {
  std::array<char, kLineBytesMax> text{};
  if (std::vsnprintf(text.data(), text.size(), format, arguments) < 0) return;
  const std::string line = fmt::format("{} {}\n", format_time(SystemClock().now()), text.data());
  const MutexLock lock(mutex_);
  if (!handle_.is_open()) open();
  [[maybe_unused]] const ssize_t written = ::write(handle_.get(), line.data(), line.size());
}

void StoreInfoLog::LogHeader(const char* /*format*/, va_list /*arguments*/) {}

void StoreInfoLog::open() {
  std::error_code none;
  if (const std::uintmax_t size = std::filesystem::file_size(file_, none); !none && size > kFileBytesMax)
    std::filesystem::rename(file_, file_.native() + ".old", none);
  handle_ =
      Descriptor(::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
}

}  // namespace runledger
