// Writes, reads and compares marks.
//
// A mark is one line of JSON in the file `mark`. A new ledger's mark is an empty file, which means a log without
// events. It is replaced by rename(), after the new file is durable, so a crash leaves the old mark or the new one.
#include "ledger/log/mark.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "ledger/base/posix_file.h"
#include "ledger/log/history.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

// Elements of arrays count as keys, and a tree has a root for each one-bit of its size.
constexpr JsonLimits kMarkLimits{.bytes_max = 16 * 1024, .depth_max = 2, .keys_max = 3 + 64};

std::string mark_text(const Head& head) {
  JsonWriter out;
  out.begin_object();
  out.member("sequence", head.sequence.value);
  out.member("recorded_at", format_time(head.recorded_at));
  out.key("roots").begin_array();
  for (const Digest<32>& root : head.tree.roots()) out.text(format_hex(bytes_of(root)));
  out.end_array().end_object();
  return out.take() + "\n";
}

Digest<32> read_root(std::string_view hex) {
  Digest<32> root;
  const std::optional<std::string> bytes = parse_hex(hex);
  if (!bytes || bytes->size() != root.bytes.size()) throw_damaged("the mark has a root that is no digest");
  std::copy(bytes->begin(), bytes->end(), root.bytes.begin());
  return root;
}

Head read_mark_text(std::string_view text) {
  Head head;
  if (text.empty()) return head;
  try {
    const JsonValue document = need(parse_json(text, kMarkLimits));
    const JsonObject in(document, "the mark", "storage.damaged");
    in.only({"sequence", "recorded_at", "roots"});
    head.sequence = Sequence{in.number("sequence", {.max = kCountMax})};
    head.recorded_at = need(parse_time(in.text("recorded_at")));
    std::vector<Digest<32>> roots;
    for (const std::string_view root : in.texts("roots")) roots.push_back(read_root(root));
    if (roots.size() != static_cast<std::size_t>(std::popcount(head.sequence.value))) {
      throw_damaged("the mark has another number of roots than its tree");
    }
    head.tree = MerkleFrontier(head.sequence.value, std::move(roots));
  } catch (const Refused& refused) {
    throw_damaged(fmt::format("the mark cannot be read: {}", refused.rejection().detail.str()));
  }
  return head;
}

}  // namespace

Head read_mark(const fs::path& directory) {
  const fs::path path = directory / kMarkFile;
  const PosixFile file = open_own(path, O_RDONLY | O_CLOEXEC, FileAccess::kAny);
  if (!file.is_open()) {
    if (errno != ENOENT) throw_errno("open", path);
    throw_damaged(
        fmt::format("expected the mark of how far the log had come in {}, found none: an empty file means that the log "
                    "may end anywhere",
                    path.native()));
  }
  return read_mark_text(file.read_all());
}

void write_mark(const fs::path& directory, const Head& head) {
  const fs::path made = directory / (std::string(kMarkFile) + ".new");
  if (::unlink(made.c_str()) != 0 && errno != ENOENT) throw_errno("remove", made);
  const PosixFile file(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  file.require("make");
  file.write(mark_text(head));
  file.sync();
  if (std::rename(made.c_str(), (directory / kMarkFile).c_str()) != 0) throw_errno("replace", directory / kMarkFile);
  sync_directory(directory);
}

void check_mark(const Store& store, const Head& head) {
  const Head mark = read_mark(store.directory());
  if (head.sequence < mark.sequence) {
    throw_damaged(
        fmt::format("expected the log to hold the {} events up to {} that its mark names, found {}: {} are "
                    "missing",
                    mark.sequence.value, format_time(mark.recorded_at), head.sequence.value,
                    mark.sequence.value - head.sequence.value));
  }
  if (!continues(store, mark.tree, head)) {
    throw_damaged(fmt::format("expected the log to continue the {} events that its mark names, found another history",
                              mark.sequence.value));
  }
}

}  // namespace runledger
