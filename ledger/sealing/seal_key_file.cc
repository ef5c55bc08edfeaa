// The file has one line of JSON for its own key, which the master key wraps, and one for each tenant's key, which the
// file's key wraps. A key is added at the end of the file; to destroy one, the whole file is written anew.
//
// The old file is overwritten after it was replaced, so a crash at any point leaves a whole file. How far that reaches
// depends on the file system and the disk, which may keep old blocks; docs/erasure.md says so.
#include "ledger/sealing/seal_key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

#include "ledger/base/big_endian.h"
#include "ledger/base/failure.h"
#include "ledger/base/posix_file.h"
#include "ledger/values/base64.h"
#include "ledger/values/digest.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "runledger seal keys";
constexpr std::uint64_t kVersion = 1;
constexpr JsonLimits kSealKeyLimits{.bytes_max = 64U << 10U, .depth_max = 3, .keys_max = 16};

[[noreturn]] void throw_keys_damaged(const fs::path& ledger, std::size_t line, std::string_view found) {
  throw Failure(Remedy::kDamageFound, "seal.keys_damaged",
                fmt::format("{} line {}: expected it as it was written, found {}: put back a copy of the file",
                            (ledger / kSealKeysFile).string(), line, found));
}

std::string associated_with(SealKeyId id, const Scope& scope) {
  std::string associated;
  append_big_endian(associated, id.value);
  return associated + scope.workspace.str() + '\0' + scope.tenant.value().str();
}

std::string header_line(const MasterKey& master, const std::string& wrapped) {
  JsonWriter out;
  out.begin_object().member("format", kFormat).member("version", kVersion);
  if (const auto* file = std::get_if<MasterKeyFile>(&master)) out.member("master_file", file->path.string());
  if (const auto* command = std::get_if<MasterKeyCommand>(&master)) out.member("master_command", command->command);
  return out.member("wrapped", wrapped).end_object().take() + "\n";
}

MasterKey master_in(const JsonObject& in) {
  if (const std::string* path = in.find_text("master_file")) return MasterKeyFile{*path};
  return MasterKeyCommand{in.text("master_command")};
}

struct Header {
  MasterKey master;
  std::string wrapped;
};

Header read_header(std::string_view line) {
  const JsonValue document = need(parse_json(line, kSealKeyLimits));
  const JsonObject in(document, "the first line", "seal.keys_damaged");
  if (in.text("format") != kFormat) in.refuse_member("format", fmt::format("\"{}\"", kFormat));
  const std::uint64_t version = in.number("version", {.min = 1, .max = 1'000'000});
  if (version > kVersion)
    throw Failure(Remedy::kCallOperator, "ledger.format_newer",
                  fmt::format("expected a file of seal keys of version {}, found {}: use a newer version of this "
                              "program",
                              kVersion, version));
  in.only({"format", "version", "master_file", "master_command", "wrapped"});
  return {master_in(in), in.text("wrapped")};
}

void overwrite(const PosixFile& file, std::size_t bytes) {
  file.write(std::string(bytes, '\0'));
  file.sync();
}

}  // namespace

void SealKeyFile::create(const fs::path& ledger, const MasterKey& master) {
  make_master_key(master, ledger);
  replace_own(ledger / kSealKeysFile, header_line(master, wrap_key(master, ledger, AesGcmKey::random())));
}

bool SealKeyFile::exists(const fs::path& ledger) {
  return open_own(ledger / kSealKeysFile, O_RDONLY, FileAccess::kOwnerOnly).is_open();
}

SealKeyFile::SealKeyFile(fs::path ledger, Access access) : ledger_(std::move(ledger)) {
  const bool writes = access == Access::kWrite;
  const PosixFile file = open_own(ledger_ / kSealKeysFile, writes ? O_RDWR : O_RDONLY, FileAccess::kOwnerOnly);
  if (!file.is_open()) throw_errno("open", ledger_ / kSealKeysFile);
  const std::string text = file.read_all();
  const std::size_t whole = text.rfind('\n') + 1;  // Zero when there is no line end.
  std::size_t number = 0;
  for (std::string_view rest = std::string_view(text).substr(0, whole); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    ++number;
    try {
      if (number == 1) {
        const Header header = read_header(line);
        wrapping_ = unwrap_key(header.master, ledger_, header.wrapped);
        header_ = std::string(line) + "\n";
      } else {
        keys_.push_back(read_line(line));
      }
    } catch (const Refused& refused) {
      throw_keys_damaged(ledger_, number, refused.rejection().detail.str());
    }
  }
  if (header_.empty()) throw_keys_damaged(ledger_, 1, "no line");
  if (writes && whole < text.size() && ::ftruncate(file.handle(), static_cast<off_t>(whole)) != 0)
    throw_errno("shorten", ledger_ / kSealKeysFile);
}

Scope SealKeyFile::restore_scope(const std::string& workspace, const std::string& tenant) {
  return {need(restore_name<Workspace>(workspace, FromLog())), need(restore_name<Tenant>(tenant, FromLog()))};
}

TenantKey SealKeyFile::read_line(std::string_view line) const {
  const JsonValue document = need(parse_json(line, kSealKeyLimits));
  const JsonObject in(document, "the line", "seal.keys_damaged");
  in.only({"key", "workspace_id", "tenant_id", "wrapped"});
  TenantKey read;
  read.scope = restore_scope(in.text("workspace_id"), in.text("tenant_id"));
  const std::optional<SealKeyId> id = parse_key_id(in.text("key"));
  if (!id) in.refuse_member("key", "16 hexadecimal digits");
  read.key.id = *id;
  const std::optional<std::string> sealed = parse_base64(in.text("wrapped"));
  const std::optional<std::string> bytes =
      sealed ? wrapping_.open(*sealed, associated_with(read.key.id, read.scope)) : std::nullopt;
  if (!bytes || bytes->size() != read.key.key.bytes.size()) in.refuse_member("wrapped", "a key of this file");
  std::copy(bytes->begin(), bytes->end(), read.key.key.bytes.begin());
  return read;
}

std::string SealKeyFile::line_of(const TenantKey& key) const {
  JsonWriter out;
  out.begin_object().member("key", format_key_id(key.key.id));
  out.member("workspace_id", key.scope.workspace).member("tenant_id", key.scope.tenant);
  const std::string wrapped = wrapping_.seal(view_of(key.key.key.bytes), associated_with(key.key.id, key.scope));
  return out.member("wrapped", format_base64(wrapped)).end_object().take() + "\n";
}

void SealKeyFile::add(const std::vector<TenantKey>& keys) {
  // With O_APPEND, every write goes to the end of the file.
  const PosixFile file = open_own(ledger_ / kSealKeysFile, O_WRONLY | O_APPEND, FileAccess::kOwnerOnly);
  if (!file.is_open()) throw_errno("open", ledger_ / kSealKeysFile);
  std::string lines;
  for (const TenantKey& key : keys) lines += line_of(key);
  file.write(lines);
  file.sync();
  keys_.insert(keys_.end(), keys.begin(), keys.end());
}

void SealKeyFile::destroy(const std::vector<SealKeyId>& ids) {
  const auto is_meant = [&ids](const TenantKey& key) {
    return std::find(ids.begin(), ids.end(), key.key.id) != ids.end();
  };
  if (std::none_of(keys_.begin(), keys_.end(), is_meant)) return;
  const PosixFile old = open_own(ledger_ / kSealKeysFile, O_RDWR, FileAccess::kOwnerOnly);
  if (!old.is_open()) throw_errno("open", ledger_ / kSealKeysFile);
  const std::size_t bytes = old.read_all().size();
  std::vector<TenantKey> left;
  std::copy_if(keys_.begin(), keys_.end(), std::back_inserter(left),
               [&](const TenantKey& key) { return !is_meant(key); });
  std::string text = header_;
  for (const TenantKey& key : left) text += line_of(key);
  replace_own(ledger_ / kSealKeysFile, text);
  keys_ = std::move(left);
  overwrite(old, bytes);
}

}  // namespace runledger
