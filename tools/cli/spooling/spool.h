// The directory in which `exec` keeps the runs that it carried out while it could not reach the ledger.
//
// Each run has a file of its own, TIME-RUN.run, so the names are in the order of the requests. The process that carries
// a run out holds the lock (flock) of its file, and so does the one that takes it in: neither touches a file that
// another process has locked. A file that cannot be read as a run is renamed to NAME.damaged and stays.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/descriptor.h"
#include "ledger/values/time.h"
#include "ledger/values/uuid.h"

namespace runledger {

// The file of one run, locked by this process. Throws Failure "spool.failed" when the system fails. For one thread at a
// time.
class SpoolFile {
 public:
  // Adds a line and returns once it is durable.
  void append(std::string_view line);
  // Notes that the process which carries the run out is alive.
  void give_sign_of_life() const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string read() const;
  [[nodiscard]] Time last_sign_of_life() const;
  // The file is gone, durably.
  void remove() const;
  // The file is renamed, durably, and no longer a run of the spool.
  void set_aside() const;

 private:
  friend class Spool;
  SpoolFile(std::shared_ptr<const Descriptor> directory, std::string name, Descriptor file)
      : directory_(std::move(directory)), name_(std::move(name)), file_(std::move(file)) {}

  std::shared_ptr<const Descriptor> directory_;
  std::string name_;
  Descriptor file_;
};

class Spool {
 public:
  // Files of any name count. A spool at one of these limits takes no more runs.
  static constexpr std::size_t kFilesMax = 1000;
  static constexpr std::uint64_t kBytesMax = 64 * 1024 * 1024;

  // Opens the spool, and makes the directory if it is not there (its parent must be). Throws Failure "spool.failed",
  // and "spool.insecure" if the path is a symbolic link, or if the directory belongs to another user or is open to
  // others.
  [[nodiscard]] static Spool make(const std::filesystem::path& path);
  // The same for a spool that may be missing: nullopt when there is nothing at the path.
  [[nodiscard]] static std::optional<Spool> find(const std::filesystem::path& path);

  // Makes the file of a run, with these lines. Throws Failure "spool.full".
  [[nodiscard]] SpoolFile create(Time requested_at, RunId run, std::string_view lines) const;

  struct Names {
    std::vector<std::string> runs;    // Files of runs, in the order of their requests.
    std::vector<std::string> others;  // Everything else: damaged files, and what does not belong here.
  };
  [[nodiscard]] Names names() const;

  enum class Trouble {
    kGone,     // Another process has taken it in.
    kInUse,    // Another process has it locked.
    kForeign,  // It is no regular file, belongs to another user, or is open to others.
  };
  struct Opened {
    std::optional<SpoolFile> file;
    Trouble trouble = Trouble::kGone;  // Why there is no file.
  };
  // Opens and locks the file of a run. Never waits, and follows no symbolic link.
  [[nodiscard]] Opened open(const std::string& name) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  Spool(std::filesystem::path path, Descriptor directory);
  void require_room() const;

  std::filesystem::path path_;
  std::shared_ptr<const Descriptor> directory_;
};

}  // namespace runledger
