// A key that a file wraps is sealed with AES-256-GCM, and written in base64.
#include "ledger/sealing/master_key.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "ledger/base/failure.h"
#include "ledger/base/key_command.h"
#include "ledger/base/posix_file.h"
#include "ledger/values/base64.h"
#include "ledger/values/digest.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPurpose = "runledger seal keys";

// Of `word` and a line.
std::string answer_of_master(const MasterKeyCommand& master, std::string_view word, std::string_view line) {
  return answer_of({.command = fmt::format("{} {}", master.command, word), .code = "seal.master_unavailable"},
                   std::string(line) + "\n");
}

[[noreturn]] void throw_wrong(std::string_view found) {
  throw Failure(Remedy::kCallOperator, "seal.master_wrong",
                fmt::format("expected the master key that wrapped the keys of this ledger, found {}", found));
}

// The key in so many bytes; absent for another number of them.
std::optional<AesGcmKey> key_in(std::string_view bytes) {
  AesGcmKey key;
  if (bytes.size() != key.bytes.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), key.bytes.begin());
  return key;
}

fs::path path_of(const MasterKeyFile& master, const fs::path& ledger) {
  return master.path.is_absolute() ? master.path : ledger / master.path;
}

AesGcmKey read_master(const MasterKeyFile& master, const fs::path& ledger) {
  const fs::path path = path_of(master, ledger);
  const PosixFile file = open_own(path, O_RDONLY, FileAccess::kOwnerOnly);
  if (!file.is_open())
    throw Failure(Remedy::kCallOperator, "seal.master_unavailable",
                  fmt::format("expected the master key in {}, found no such file", path.string()));
  const std::optional<AesGcmKey> key = key_in(file.read_all());
  if (!key) throw_wrong(fmt::format("that {} does not have the 32 bytes of a key", path.string()));
  return *key;
}

struct Wrap {
  const fs::path& ledger;
  const AesGcmKey& key;
  std::string operator()(const MasterKeyFile& master) const {
    return format_base64(read_master(master, ledger).seal(view_of(key.bytes), kPurpose));
  }
  std::string operator()(const MasterKeyCommand& master) const {
    return answer_of_master(master, "wrap", format_base64(view_of(key.bytes)));
  }
};

struct Unwrap {
  const fs::path& ledger;
  std::string_view wrapped;
  AesGcmKey operator()(const MasterKeyFile& master) const {
    const std::optional<std::string> sealed = parse_base64(wrapped);
    if (!sealed) throw_wrong("a key file whose first line is damaged");
    const std::optional<std::string> bytes = read_master(master, ledger).open(*sealed, kPurpose);
    if (!bytes) throw_wrong("another one, or a damaged key file");
    return key_in(*bytes).value();
  }
  AesGcmKey operator()(const MasterKeyCommand& master) const {
    const std::optional<std::string> bytes = parse_base64(answer_of_master(master, "unwrap", wrapped));
    const std::optional<AesGcmKey> key = bytes ? key_in(*bytes) : std::nullopt;
    if (!key) throw_wrong("that the command did not answer with a key of 32 bytes in base64");
    return *key;
  }
};

}  // namespace

void make_master_key(const MasterKey& master, const fs::path& ledger) {
  const auto* named = std::get_if<MasterKeyFile>(&master);
  if (named == nullptr) return;
  const fs::path path = path_of(*named, ledger);
  if (open_own(path, O_RDONLY, FileAccess::kOwnerOnly).is_open()) return;
  const PosixFile file(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  file.require("make");
  file.write(view_of(AesGcmKey::random().bytes));
  file.sync();
  sync_directory(path.parent_path());
}

std::string wrap_key(const MasterKey& master, const fs::path& ledger, const AesGcmKey& key) {
  return std::visit(Wrap{ledger, key}, master);
}

AesGcmKey unwrap_key(const MasterKey& master, const fs::path& ledger, std::string_view wrapped) {
  return std::visit(Unwrap{ledger, wrapped}, master);
}

}  // namespace runledger
