// The JSON form of a backup's description.
#include "ledger/backup/backup.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/failure.h"
#include "ledger/rules/event.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

constexpr std::string_view kFormat = "runledger backup";
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kFilesMax = 1'000'000;
constexpr JsonLimits kBackupLimits{.bytes_max = 256U << 20U, .depth_max = 3, .keys_max = 10 + 4 * kFilesMax};

// A path that leads out of the backup would let a changed description write anywhere.
bool is_own_path(std::string_view path) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  if (path.starts_with("store/")) path.remove_prefix(6);
  return !path.empty() && !path.starts_with('.') && std::all_of(path.begin(), path.end(), is_plain);
}

Digest<32> read_digest(const JsonObject& in, std::string_view member) {
  const std::optional<Digest<32>> digest = parse_digest<32>(in.text(member));
  if (!digest) in.refuse_member(member, "a SHA-256 in hex");
  return *digest;
}

BackupFile read_file_entry(const JsonObject& in) {
  in.only({"path", "bytes", "sha256", "table"});
  BackupFile file;
  file.path = in.text("path");
  if (!is_own_path(file.path)) in.refuse_member("path", "a file of the backup", file.path);
  file.sum = {in.number("bytes", {.max = kCountMax}), read_digest(in, "sha256")};
  file.table = in.text_or("table", "");
  return file;
}

// Left out where nothing was erased: an older program reads that description too.
std::vector<SealKeyId> read_erased_keys(const JsonObject& in) {
  std::vector<SealKeyId> keys;
  for (const std::string_view text : in.find_texts("erased_keys").value_or(std::vector<std::string_view>())) {
    const std::optional<SealKeyId> key = parse_key_id(text);
    if (!key) in.refuse_member("erased_keys", "ids of 16 hexadecimal digits", text);
    keys.push_back(*key);
  }
  return keys;
}

void require_version(const JsonObject& in, const std::string& name) {
  if (in.text("format") != kFormat) in.refuse_member("format", fmt::format("\"{}\"", kFormat));
  const std::uint64_t version = in.number("version", {.min = 1, .max = kCountMax});
  if (version > kVersion)
    throw Failure(Remedy::kCallOperator, "backup.format_newer",
                  fmt::format("expected backup {} to be of version {}, found {}: use a newer version of this program",
                              name, kVersion, version));
}

}  // namespace

std::uint64_t Backup::bytes() const {
  std::uint64_t sum = 0;
  for (const BackupFile& file : files) sum += file.sum.bytes;
  return sum;
}

std::string format_backup(const Backup& backup) {
  JsonWriter out(JsonWriter::Layout::kIndented);
  out.begin_object().member("format", kFormat).member("version", kVersion);
  out.member("ledger_id", format_uuid(backup.ledger_id.value)).member("made_at", format_time(backup.made_at));
  out.member("sequence", backup.sequence.value).member("recorded_at", format_time(backup.recorded_at));
  out.member("root", format_hex(bytes_of(backup.root))).member("new_bytes", backup.new_bytes);
  if (!backup.erased_keys.empty()) {
    out.key("erased_keys").begin_array();
    for (const SealKeyId& key : backup.erased_keys) out.text(format_key_id(key));
    out.end_array();
  }
  out.key("files").begin_array();
  for (const BackupFile& file : backup.files) {
    out.begin_object().member("path", file.path).member("bytes", file.sum.bytes);
    out.member("sha256", format_hex(bytes_of(file.sum.sha256)));
    if (!file.table.empty()) out.member("table", file.table);
    out.end_object();
  }
  out.end_array().end_object();
  return out.take() + "\n";
}

Backup parse_backup(std::string_view text, std::string name) {
  Backup backup;
  try {
    const JsonValue document = need(parse_json(text, kBackupLimits));
    const JsonObject in(document, "the description", "backup.damaged");
    require_version(in, name);
    in.only({"format", "version", "ledger_id", "made_at", "sequence", "recorded_at", "root", "new_bytes", "erased_keys",
             "files"});
    backup.ledger_id = LedgerId{need(parse_uuid(in.text("ledger_id"), "ledger_id"))};
    backup.made_at = need(parse_time(in.text("made_at")));
    backup.sequence = Sequence{in.number("sequence", {.max = kCountMax})};
    backup.recorded_at = need(parse_time(in.text("recorded_at")));
    backup.root = read_digest(in, "root");
    backup.new_bytes = in.number("new_bytes", {.max = kCountMax});
    backup.erased_keys = read_erased_keys(in);
    for (const JsonValue& file : in.array("files")) backup.files.push_back(read_file_entry(in.element(file, "a file")));
  } catch (const Refused& refused) {
    throw Failure(Remedy::kDamageFound, "backup.damaged",
                  fmt::format("expected {} of backup {} as it was written, found: {}", kBackupFile, name,
                              refused.rejection().detail.str()));
  }
  backup.name = std::move(name);
  return backup;
}

}  // namespace runledger
