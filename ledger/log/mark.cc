// Writes, reads and compares marks.
//
// A mark is one line of JSON in the file `mark`. A new ledger's mark is an empty file, which means a log without
// events.
#include "ledger/log/mark.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "ledger/base/posix_file.h"
#include "ledger/log/history.h"
#include "ledger/log/store/ledger_files.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLogsMax = 1024;
constexpr JsonLimits kMarkLimits{.bytes_max = 64 * 1024, .depth_max = 3, .keys_max = 5 + 3 * kLogsMax};

std::string mark_text(const Mark& mark) {
  const Head& head = mark.head;
  JsonWriter out;
  out.begin_object();
  out.member("sequence", head.sequence.value);
  out.member("recorded_at", format_time(head.recorded_at));
  out.member("roots", format_roots(head.tree));
  out.member("logs_from", mark.logs.from);
  out.key("logs").begin_array();
  for (std::size_t i = 0; i < std::min(mark.logs.complete.size(), kLogsMax); ++i) {
    const auto& [number, bytes] = mark.logs.complete[i];
    out.begin_object().member("number", number).member("bytes", bytes).end_object();
  }
  out.end_array();
  out.end_object();
  return out.take() + "\n";
}

Mark read_mark_text(std::string_view text) {
  Mark mark;
  Head& head = mark.head;
  if (text.empty()) return mark;
  try {
    const JsonValue document = need(parse_json(text, kMarkLimits));
    const JsonObject in(document, "the mark", "storage.damaged");
    in.only({"sequence", "recorded_at", "roots", "logs_from", "logs"});
    head.sequence = Sequence{in.number("sequence", {.max = kCountMax})};
    head.recorded_at = need(parse_time(in.text("recorded_at")));
    std::optional<MerkleFrontier> tree = parse_tree(head.sequence.value, in.text("roots"));
    if (!tree) throw_damaged("the mark has roots that are not those of so many events");
    head.tree = *std::move(tree);
    mark.logs.from = in.number("logs_from", {.max = kCountMax});
    for (const JsonValue& element : in.array("logs")) {
      const JsonObject file = in.element(element, "logs").only({"number", "bytes"});
      mark.logs.complete.push_back(
          {file.number("number", {.max = kCountMax}), file.number("bytes", {.max = kCountMax})});
    }
  } catch (const Refused& refused) {
    throw_damaged(fmt::format("the mark cannot be read: {}", refused.rejection().detail.str()));
  }
  return mark;
}

}  // namespace

Mark read_mark(const fs::path& directory) {
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

void write_mark(const Store& store, const Head& head) {
  replace_own(store.directory() / kMarkFile, mark_text({head, store.needed_logs()}));
}

Sequence marked_end(const fs::path& directory) {
  return read_mark(directory).head.sequence;
}

Sequence check_mark(const Store& store, const Head& head) {
  const auto& [mark, logs] = read_mark(store.directory());
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
  store.require_logs(logs);
  return mark.sequence;
}

}  // namespace runledger
