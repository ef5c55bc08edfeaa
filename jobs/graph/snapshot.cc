// Writes each snapshot to a temporary file first, and checks a digest whenever it reads one.
//
// A file is one JSON document {"format","version","sha256","content"}. The digest covers the canonical JSON of
// "content", which content_of() writes directly. A reader computes it again from the parsed content, so white space
// does not matter but every value does. It also compares run and attempt with the file's name, to notice a renamed
// file.
//
// Writing: PartialFile creates "NAME.partial" exclusively, writes, syncs, and renames it to NAME; then the directory is
// synced. So NAME is absent or whole at every moment, also after a power cut. Only then are the files of earlier
// attempts removed, which keeps the invariant that a run with a snapshot never loses its last one.
//
// Names hold the number of the attempt: a lost attempt that writes late makes its own file, with a lower number.
// Readers list the directory and take the highest number. A later attempt may remove that file between the list and the
// open; then read_latest() looks again, at most kLooksMax times.
//
// Jobs see one exception type: Failure of the file system and Refused of the parser become JobFailure with a
// "snapshot.…" code here.
#include "jobs/graph/snapshot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "jobs/graph/policy_collection.h"
#include "jobs/worker/job.h"
#include "ledger/base/failure.h"
#include "ledger/base/posix_file.h"
#include "ledger/values/json_object.h"
#include "ledger/values/json_writer.h"
#include "ledger/values/sha256.h"

namespace runledger {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "runledger assignments snapshot";
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kBytesMax = kSnapshotLimits.bytes_max;
constexpr int kLooksMax = 3;  // The latest file may vanish between the list of the directory and the open.

[[noreturn]] void fail_snapshot(std::string_view code, const std::string& message, bool retryable = false) {
  throw JobFailure(*parse_reason_code(code), message, retryable);
}

// The text that the digest covers. It is canonical JSON, because the members are sorted and no text needs an escape.
std::string content_of(const Snapshot& snapshot) {
  const bool has_graph_tenant = !snapshot.graph_tenant_id.empty();
  JsonWriter writer;
  writer.begin_object().member("attempt", snapshot.attempt.value).member("complete", snapshot.complete);
  writer.member("graph_tenant_id", has_graph_tenant ? std::optional(snapshot.graph_tenant_id) : std::nullopt);
  writer.key("policies").begin_array();
  for (const auto& [id, assignments] : snapshot.policies)
    writer.begin_object().key("assignments").json(assignments).member("id", id).end_object();
  writer.end_array().member("policy_type", snapshot.policy_type);
  writer.member("run_id", snapshot.run).member("tenant", snapshot.scope.tenant);
  writer.member("workspace", snapshot.scope.workspace).end_object();
  return writer.take();
}

std::string digest_of(std::string_view content) {
  return format_hex(bytes_of(sha256({content})));
}

std::string document_of(const Snapshot& snapshot) {
  const std::string content = content_of(snapshot);
  JsonWriter writer;
  writer.begin_object().key("format").text(kFormat).key("version").number(kVersion);
  writer.key("sha256").text(digest_of(content)).key("content").json(content).end_object();
  return writer.take() + "\n";
}

fs::path partial_path(const fs::path& path) {
  return path.string() + ".partial";
}

// The attempt in the name of a snapshot of `run`. Absent: the name is not that of such a file.
std::optional<AttemptNumber> attempt_of(std::string_view name, RunId run) {
  const std::string begin = format_uuid(run.value) + ".";
  constexpr std::string_view kEnd = ".json";
  if (!name.starts_with(begin) || !name.ends_with(kEnd) || name.size() <= begin.size() + kEnd.size()) return {};
  const std::string_view digits = name.substr(begin.size(), name.size() - begin.size() - kEnd.size());
  const auto number = parse_number(digits, "attempt", {.max = UINT32_MAX});
  if (!number || digits.front() == '0') return {};
  return AttemptNumber{static_cast<std::uint32_t>(*number)};
}

// Absent: there is no snapshot, or not even the directory. Throws Failure if the directory cannot be listed.
std::optional<AttemptNumber> latest_attempt(const fs::path& directory, RunId run) {
  std::error_code error;
  std::optional<AttemptNumber> latest;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
    latest = std::max(latest, attempt_of(entry->path().filename().string(), run));
  if (error && error != std::errc::no_such_file_or_directory) {
    errno = error.value();
    throw_errno("list", directory);
  }
  return latest;
}

// Best effort: readers ignore a file that stays, because its attempt is not the latest.
void remove_earlier(const fs::path& directory, RunId run, AttemptNumber than) {
  std::error_code ignored;
  for (AttemptNumber attempt{1}; attempt < than; ++attempt.value) {
    const fs::path path = snapshot_path(directory, run, attempt);
    fs::remove(path, ignored);
    fs::remove(partial_path(path), ignored);
  }
}

// The parent is synced even if the directory exists, because another process may have created it just now. But the
// operator may have placed an existing directory where this user cannot open the parent; that is no error.
void make_directory(const fs::path& directory) {
  const bool is_made = ::mkdir(directory.c_str(), S_IRWXU) == 0;
  if (!is_made && errno != EEXIST) throw_errno("make", directory);
  try {
    sync_directory(directory / "..");
  } catch (const Failure& failure) {
    if (is_made || failure.code() != "ledger.not_writable") throw;
  }
}

// A temporary file that its destructor removes unless become() renamed it.
class PartialFile {
 public:
  explicit PartialFile(fs::path path)
      : path_(std::move(path)), file_(path_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR) {
    file_.require("make");
  }
  ~PartialFile() {
    std::error_code ignored;  // The file no longer exists under this name if become() succeeded.
    fs::remove(path_, ignored);
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  void become(const fs::path& path, std::string_view bytes) {
    file_.write(bytes);
    file_.sync();
    if (std::rename(path_.c_str(), path.c_str()) != 0) throw_errno("rename", path_);
  }

 private:
  fs::path path_;
  PosixFile file_;
};

[[noreturn]] void fail_not_found(RunId run) {
  fail_snapshot("snapshot.not_found", fmt::format("expected a snapshot of run {}, found none", format_uuid(run.value)));
}

struct Found {
  AttemptNumber attempt;
  std::string document;
};

Found read_latest(const fs::path& directory, RunId run) {
  try {
    for (int looks = 1;; ++looks) {
      const std::optional<AttemptNumber> attempt = latest_attempt(directory, run);
      if (!attempt) fail_not_found(run);
      const fs::path path = snapshot_path(directory, run, *attempt);
      const PosixFile file(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
      // A later attempt has written its own file since the list was read, and removed this one.
      if (!file.is_open() && errno == ENOENT && looks < kLooksMax) continue;
      file.require("open");
      struct stat status {};
      if (::fstat(file.handle(), &status) != 0) throw_errno("look at", path);
      if (!S_ISREG(status.st_mode) || status.st_size > static_cast<off_t>(kBytesMax))
        fail_snapshot("snapshot.damaged", fmt::format("expected a file of at most {} bytes", kBytesMax));
      return {*attempt, file.read_all()};
    }
  } catch (const Failure& failure) {
    fail_snapshot("snapshot.unreadable", failure.what());
  }
}

// All kinds of damage share one code, because a program can react to none of them; the message is for people.
[[noreturn]] void fail_damaged(const std::string& what) {
  fail_snapshot("snapshot.damaged", "a snapshot is not what was written: " + what);
}

std::map<std::string, std::string> policies_of(const JsonObject& content) {
  std::map<std::string, std::string> policies;
  for (const JsonValue& element : content.array("policies")) {
    const JsonObject policy = content.element(element, "a policy");
    const std::string& id = policy.text("id");
    if (!is_policy_id(id)) fail_damaged("a policy is none");
    (void)policy.array("assignments");
    policies[id] = canonical_json(policy.get("assignments"));
  }
  return policies;
}

Snapshot snapshot_of(const JsonObject& content) {
  Snapshot snapshot;
  snapshot.run = RunId{need(parse_uuid(content.text("run_id"), "run_id"))};
  snapshot.scope.workspace = need(parse_workspace(content.text("workspace")));
  if (const std::string* tenant = content.nullable_text("tenant")) snapshot.scope.tenant = need(parse_tenant(*tenant));
  snapshot.attempt.value = static_cast<std::uint32_t>(content.number("attempt", {.max = UINT32_MAX}));
  snapshot.complete = content.boolean("complete");
  const std::string* graph_tenant_id = content.nullable_text("graph_tenant_id");
  snapshot.graph_tenant_id = graph_tenant_id == nullptr ? "" : *graph_tenant_id;
  snapshot.policy_type = content.text("policy_type");
  snapshot.policies = policies_of(content);
  return snapshot;
}

Snapshot parse_snapshot(const std::string& text) {
  const JsonValue value = need(parse_json(text, kSnapshotLimits));
  const JsonObject document(value, "a snapshot", "snapshot.damaged");
  if (document.text("format") != kFormat) fail_damaged("no snapshot at all");
  const std::uint64_t version = document.number("version", {});
  if (version > kVersion)
    fail_snapshot("snapshot.format_newer",
                  fmt::format("expected a snapshot of version {}, found {}", kVersion, version));
  const JsonObject content = document.object("content");
  if (version != kVersion || document.text("sha256") != digest_of(canonical_json(document.get("content"))))
    fail_damaged("its digest does not fit");
  return snapshot_of(content);
}

}  // namespace

fs::path snapshot_path(const fs::path& directory, RunId run, AttemptNumber attempt) {
  return directory / fmt::format("{}.{}.json", format_uuid(run.value), attempt.value);
}

void write_snapshot(const fs::path& directory, const Snapshot& snapshot) {
  const std::string document = document_of(snapshot);
  if (document.size() > kBytesMax)
    fail_snapshot("snapshot.too_large", fmt::format("expected at most {} bytes, found {}", kBytesMax, document.size()));
  try {
    make_directory(directory);
    const fs::path path = snapshot_path(directory, snapshot.run, snapshot.attempt);
    std::error_code ignored;
    fs::remove(partial_path(path), ignored);  // Left by a worker that was killed in this attempt and later resumed it.
    PartialFile(partial_path(path)).become(path, document);
    sync_directory(directory);
    remove_earlier(directory, snapshot.run, snapshot.attempt);
  } catch (const Failure& failure) {
    fail_snapshot("snapshot.unwritable", failure.what(), true);
  }
}

Snapshot read_snapshot(const fs::path& directory, RunId run, const Scope& scope) {
  const Found found = read_latest(directory, run);
  Snapshot snapshot;
  try {
    snapshot = parse_snapshot(found.document);
  } catch (const Refused& refused) {
    fail_damaged(refused.rejection().code + ": " + refused.rejection().detail.str());
  }
  if (snapshot.run != run || snapshot.attempt != found.attempt) fail_damaged("it is of another run or attempt");
  if (snapshot.scope != scope) fail_not_found(run);
  return snapshot;
}

}  // namespace runledger
