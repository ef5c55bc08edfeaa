// A checkpoint is handed out once it is remembered in the ledger's directory, whether or not it can be written
// elsewhere.
#include "tools/daemon/published_checkpoints.h"

#include <sys/stat.h>

#include <utility>

#include "ledger/base/failure.h"
#include "ledger/base/posix_file.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/evidence/cosignature.h"

namespace runledger {
namespace {

constexpr mode_t kReadableByAll = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;

// A file that is replaced keeps its mode.
void set_mode(const PosixFile& made, const std::filesystem::path& path) {
  struct stat before {};
  const mode_t mode = ::stat(path.c_str(), &before) == 0 ? before.st_mode & 0777U : kReadableByAll;
  if (::fchmod(made.handle(), mode) != 0) throw_errno("set the mode of", path);
}

CheckpointOptions absolute(CheckpointOptions options) {
  if (options.file) options.file = std::filesystem::absolute(*options.file);
  return options;
}

}  // namespace

PublishedCheckpoints::PublishedCheckpoints(const EventLog& log, CheckpointOptions options, OperationsLog& to)
    : log_(log), options_(absolute(std::move(options))), to_(to) {
  if (!has_audit_key(log.store().directory())) {
    to_.write(LogLevel::kWarning, "checkpoints-off",
              {{"what", "there is no audit key: `runledger audit key create` makes it while the daemon is stopped"}});
    return;
  }
  const auto report = [this](LogLevel level, const char* event) {
    return [this, level, event](std::string_view code, std::string_view what) {
      to_.write(level, event, {{"code", code}, {"what", what}});
    };
  };
  if (options_.postgres)
    archive_.emplace(
        *options_.postgres, log.store().ledger_id(),
        CheckpointArchive::Listener{
            .stored =
                [this](const SignedCheckpoint& stored) {
                  note_handed_out(&PublishedCheckpoints::in_postgres_, stored);
                },
            .failed =
                [this](std::string_view code, std::string_view what) {
                  to_.write_sparingly(LogLevel::kWarning, "checkpoint-not-stored", {{"code", code}, {"what", what}});
                }});
  recall();
  if (!options_.witnesses.empty())
    witnesses_.emplace(
        log, options_.witnesses,
        Witnesses::Listener{.cosigned = [this](const SignedCheckpoint& each,
                                               std::string_view lines) { return take_cosigned(each, lines); },
                            .refused =
                                [this](std::string_view witness, std::string_view code, std::string_view what) {
                                  to_.write_sparingly(LogLevel::kWarning, "witness-refused",
                                                      {{"witness", witness}, {"code", code}, {"what", what}});
                                }});
  keeper_.emplace(log, CheckpointKeeper::Options{.every = options_.every},
                  CheckpointKeeper::Listener{
                      .signed_one = [this](const SignedCheckpoint& newest) { take_signed(newest); },
                      .failed = report(LogLevel::kWarning, "checkpoint-failed"),
                      .stopped = report(LogLevel::kError, "checkpoints-stopped"),
                  });
}

void PublishedCheckpoints::begin_postgres() {
  if (archive_) archive_->begin();
}

// What was signed before the start, until the keeper has looked at it, which may take long: alarms watch its age. The
// keeper reports what is wrong with it.
void PublishedCheckpoints::recall() {
  {
    const MutexLock lock(mutex_);
    for (const WitnessAddress& witness : options_.witnesses)
      cosigned_.push_back({.name = witness.key.name, .events = 0, .unix_time = {}});
  }
  const std::filesystem::path directory = log_.store().directory();
  try {
    const std::optional<std::string> note = last_note(directory);
    const std::optional<Time> signed_at = last_signed_at(directory);
    const std::vector<NoteVerifier> keys = audit_keys(directory);
    if (!note || !signed_at || keys.empty()) return;
    const Result<Checkpoint> last = open_checkpoint(*note, keys);
    if (!last) return;
    {
      const MutexLock lock(mutex_);
      standing_ = CheckpointStanding{last->tree.size, *signed_at};
    }
    note_cosignatures(*note, last->tree.size);
  } catch (const Failure&) {
    return;
  }
}

void PublishedCheckpoints::note_cosignatures(const std::string& note, std::uint64_t size) {
  for (std::size_t i = 0; i < options_.witnesses.size(); ++i) {
    const auto found = find_cosignature(note, cosignatures_of(note), options_.witnesses[i].key);
    if (!found) continue;
    const MutexLock lock(mutex_);
    if (size < cosigned_[i].events) continue;
    cosigned_[i].events = size;
    cosigned_[i].unix_time = found->unix_time;
  }
}

void PublishedCheckpoints::take_signed(const SignedCheckpoint& newest) {
  {
    const MutexLock lock(mutex_);
    standing_ = CheckpointStanding{newest.tree.size, newest.signed_at};
  }
  {
    const MutexLock publishing(publishing_);
    publish(newest);
  }
  if (witnesses_) witnesses_->ask_for(newest);
}

// Returns false when the audit key is in use. A checkpoint that was signed since is published without cosignatures
// until it has its own.
bool PublishedCheckpoints::take_cosigned(const SignedCheckpoint& checkpoint, std::string_view lines) {
  SignedCheckpoint cosigned = checkpoint;
  cosigned.note = with_cosignatures(checkpoint.note, lines);
  try {
    const std::optional<AuditKey> key = AuditKey::if_free(log_.store().directory());
    if (!key) return false;
    cosigned.note = key->remember_cosigned(checkpoint.note, lines).value_or(cosigned.note);
  } catch (const Failure& failure) {
    to_.write_sparingly(LogLevel::kWarning, "checkpoint-failed", {{"code", failure.code()}, {"what", failure.what()}});
  }
  note_cosignatures(cosigned.note, cosigned.tree.size);
  const MutexLock publishing(publishing_);
  if (const auto newest = published(); newest && newest->tree == checkpoint.tree) publish(cosigned);
  return true;
}

void PublishedCheckpoints::publish(const SignedCheckpoint& newest) {
  {
    const MutexLock lock(mutex_);
    published_ = newest;
  }
  if (archive_) archive_->store(newest);
  if (!options_.file) return;
  try {
    write_file(newest.note);
    note_handed_out(&PublishedCheckpoints::in_file_, newest);
  } catch (const Failure& failure) {
    to_.write_sparingly(LogLevel::kWarning, "checkpoint-file-failed", {{"what", failure.what()}});
  }
}

void PublishedCheckpoints::note_handed_out(Place place, const SignedCheckpoint& checkpoint) {
  const MutexLock lock(mutex_);
  this->*place = CheckpointStanding{checkpoint.tree.size, SystemClock().now()};
}

std::vector<HandedOutStanding> PublishedCheckpoints::handed_out() const {
  const MutexLock lock(mutex_);
  std::vector<HandedOutStanding> places;
  if (!keeper_) return places;
  if (options_.postgres) places.push_back({"postgres", in_postgres_});
  if (options_.file) places.push_back({"file", in_file_});
  return places;
}

void PublishedCheckpoints::write_file(const std::string& note) const {
  replace_own(*options_.file, note, [this](const PosixFile& made) { set_mode(made, *options_.file); });
}

std::optional<SignedCheckpoint> PublishedCheckpoints::published() const {
  const MutexLock lock(mutex_);
  return published_;
}

Result<std::string> PublishedCheckpoints::checkpoint() const {
  if (const std::optional<SignedCheckpoint> newest = published()) return newest->note;
  return reject("checkpoint.absent", keeper_ ? "expected a checkpoint, found that none is signed yet"
                                             : "expected a ledger with an audit key, found one without");
}

Result<std::string> PublishedCheckpoints::tile(const TileRange& range) const {
  const std::optional<SignedCheckpoint> newest = published();
  if (!newest || !range.is_within(newest->tree.size))
    return reject("tile.not_found", "expected a tile of the tree that the newest checkpoint names");
  return HashTiles(log_.store()).hashes(range);
}

std::optional<CheckpointStanding> PublishedCheckpoints::standing() const {
  const MutexLock lock(mutex_);
  return standing_;
}

std::vector<WitnessStanding> PublishedCheckpoints::witnesses() const {
  const MutexLock lock(mutex_);
  return cosigned_;
}

}  // namespace runledger
