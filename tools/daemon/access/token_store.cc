// Stores access tokens in one JSON file, and finds the grant of a token by its digest.
//
// Changes and look-ups meet only in the file, so `runledger` commands can change tokens while a daemon serves:
//   - issue(), rotate() and revoke() take an exclusive flock on "access-tokens.lock", read the whole file, change the
//   list in
//     memory, and save it. Two processes therefore never lose each other's change. The lock is on a file of its own
//     because "access-tokens" itself is replaced, and a lock on a replaced file protects nothing.
//   - save() writes "access-tokens.new", syncs it, renames it over "access-tokens" and syncs the directory. A reader
//     sees the old list or the new one, never a mixture, and needs no lock.
//   - find() and is_in_force() keep the parsed list in memory. Before each look-up they call stat() on the file, and
//     read it again only when the inode or the time of the change differs. The file that was read stays open: otherwise
//     the second file after it could have its inode again, and, where a sync takes less than a tick of the file
//     system's clock, its time as well. So a revocation takes effect at the next look-up, without a signal to the
//     daemon.
//
// The file holds SHA-256 digests only, so a copy of it gives no access. A plain digest is enough, without salt or many
// rounds, because a token is 256 random bits and cannot be guessed. find() compares the digest with all tokens, each
// in constant time, and does not stop at a match, so its duration says nothing about the token.
#include "tools/daemon/access/token_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "ledger/base/ascii.h"
#include "ledger/base/failure.h"
#include "ledger/base/posix_file.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"
#include "ledger/values/json_writer.h"
#include "ledger/values/sha256.h"

namespace runledger {
namespace {

constexpr std::string_view kSecretPrefix = "rlt_";
constexpr const char* kFile = "access-tokens";
constexpr const char* kLockFile = "access-tokens.lock";
constexpr JsonLimits kFileLimits = {.bytes_max = 16 * 1024 * 1024, .depth_max = 8, .keys_max = 1'000'000};

[[noreturn]] void damaged(const std::string& what) {
  throw Failure(Remedy::kDamageFound, "tokens.damaged",
                fmt::format("expected the access tokens of a ledger, found {}", what));
}

// Returns 256 bits from the operating system's random source.
std::string random_hex() {
  char bytes[32];
  if (getentropy(bytes, sizeof(bytes)) != 0)
    throw Failure(Remedy::kCallOperator, "random.unavailable", "the operating system gave no random bytes");
  return format_hex({bytes, sizeof(bytes)});
}

void write_token(JsonWriter& out, const AccessToken& token) {
  out.begin_object();
  out.member("id", format_uuid(token.id.value));
  if (token.name) out.member("name", *token.name);
  out.member("sha256", format_hex(bytes_of(token.digest)));
  if (token.grant.workspace) out.member("workspace", token.grant.workspace->str());
  if (token.grant.tenant) out.member("tenant", token.grant.tenant->str());
  out.key("rights").begin_array();
  for (const auto& [right, word] : kEnumWords<Right>) {
    if (token.grant.rights.contains(right)) out.text(word);
  }
  out.end_array();
  out.member("issued_at", format_time(token.issued_at));
  if (token.expires_at) out.member("expires_at", format_time(*token.expires_at));
  out.end_object();
}

AccessToken read_token(const JsonObject& in) {
  AccessToken token;
  token.id = TokenId{need(parse_uuid(in.text("id"), "id"))};
  const std::optional<Digest<32>> digest = parse_digest<32>(in.text("sha256"));
  if (!digest) damaged("a digest of another size");
  token.digest = *digest;
  if (in.has("name")) token.name = need(parse_token_name(in.text("name")));
  if (in.has("workspace")) token.grant.workspace = need(parse_workspace(in.text("workspace")));
  if (in.has("tenant")) token.grant.tenant = need(parse_tenant(in.text("tenant")));
  if (token.grant.tenant && !token.grant.workspace) damaged("a tenant without its workspace");
  for (const std::string_view name : in.texts("rights"))
    token.grant.rights.insert(in.known_word<Right>("rights", name));
  token.issued_at = need(parse_time(in.text("issued_at")));
  if (in.has("expires_at")) token.expires_at = need(parse_time(in.text("expires_at")));
  return token;
}

std::vector<AccessToken> parse_tokens(std::string_view text) {
  std::vector<AccessToken> tokens;
  try {
    const JsonValue document = need(parse_json(text, kFileLimits));
    const JsonObject in(document, "the file", "tokens.damaged");
    for (const JsonValue& token : in.array("tokens")) tokens.push_back(read_token(in.element(token, "a token")));
  } catch (const Refused& refused) {
    damaged("a file that cannot be read: " + refused.rejection().detail.str());
  }
  return tokens;
}

// Root may change the tokens of a daemon that runs as another user. Only a file that is made here is given away: one
// that is there already may be a hard link to a file of root's.
PosixFile open_lock(const std::filesystem::path& directory) {
  if (::geteuid() != 0) require_owner(directory);
  const std::filesystem::path path = directory / kLockFile;
  PosixFile made(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (!made.is_open()) return open_own(path, O_RDWR | O_CREAT, FileAccess::kAny);
  give_to_owner(made, directory);
  return made;
}

// Held while the file is changed, so that only one process changes it at a time.
class ChangeLock {
 public:
  explicit ChangeLock(const std::filesystem::path& directory) : file_(open_lock(directory)) {
    if (::flock(file_.handle(), LOCK_EX) != 0) throw_errno("lock", directory / kLockFile);
  }

 private:
  PosixFile file_;
};

Rejection no_such_token(TokenId id) {
  return reject("token.not_found", fmt::format("expected a token with the id {}, found none", format_uuid(id.value)));
}

std::optional<Rejection> refuse_another(const std::vector<AccessToken>& tokens) {
  if (tokens.size() < TokenStore::kTokensMax) return {};
  return reject("tokens.too_many", fmt::format("expected fewer than {} tokens", TokenStore::kTokensMax));
}

// A new token with a secret of its own.
TokenStore::Issued make_token(AccessToken token, Time now) {
  TokenStore::Issued issued{.token = std::move(token), .secret = std::string(kSecretPrefix) + random_hex()};
  issued.token.id = TokenId{random_uuid()};
  issued.token.digest = sha256({issued.secret});
  issued.token.issued_at = now;
  return issued;
}

bool is_over(const AccessToken& token, Time now) {
  return token.expires_at && *token.expires_at <= now;
}

}  // namespace

Result<std::string> parse_token_name(std::string_view typed) {
  constexpr std::size_t kBytesMax = 64;
  constexpr std::string_view kOthers = " ._-@:/";
  const bool is_valid =
      !typed.empty() && typed.size() <= kBytesMax && typed.front() != ' ' && typed.back() != ' ' &&
      std::all_of(typed.begin(), typed.end(), [&](char c) { return is_alnum(c) || kOthers.find(c) != kOthers.npos; });
  if (is_valid) return std::string(typed);
  return reject("token_name.invalid",
                "expected the name of a token to be 1 to 64 letters, digits, blanks and of . _ - @ : /");
}

TokenStore::TokenStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

TokenStore::Version TokenStore::version() const {
  struct stat status {};
  if (::lstat((directory_ / kFile).c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    throw_errno("look at", directory_ / kFile);
  }
  return {status.st_ino, status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
}

PosixFile TokenStore::open() const {
  return open_own(directory_ / kFile, O_RDONLY, FileAccess::kOwnerOnly);
}

std::vector<AccessToken> TokenStore::list() const {
  const PosixFile file = open();
  if (!file.is_open()) return {};
  return parse_tokens(file.read_all());
}

void TokenStore::save(const std::vector<AccessToken>& tokens) const {
  JsonWriter out(JsonWriter::Layout::kIndented);
  out.begin_object().key("tokens").begin_array();
  for (const AccessToken& token : tokens) write_token(out, token);
  out.end_array().end_object();
  replace_own(directory_ / kFile, out.take() + "\n",
              [this](const PosixFile& made) { give_to_owner(made, directory_); });
}

std::vector<AccessToken> TokenStore::list_in_force(Time now) const {
  std::vector<AccessToken> tokens = list();
  std::erase_if(tokens, [now](const AccessToken& token) { return is_over(token, now); });
  return tokens;
}

Result<TokenStore::Issued> TokenStore::issue(const Grant& grant, std::optional<Time> expires_at, Time now,
                                             std::optional<std::string> name) {
  const ChangeLock lock(directory_);
  std::vector<AccessToken> tokens = list_in_force(now);
  if (auto refused = refuse_another(tokens)) return *std::move(refused);
  AccessToken token;
  token.name = std::move(name);
  token.grant = grant;
  token.expires_at = expires_at;
  Issued issued = make_token(std::move(token), now);
  tokens.push_back(issued.token);
  save(tokens);
  return issued;
}

Result<TokenStore::Issued> TokenStore::rotate(TokenId id, Duration overlap, std::optional<Time> expires_at, Time now) {
  const ChangeLock lock(directory_);
  std::vector<AccessToken> tokens = list_in_force(now);
  const auto old =
      std::find_if(tokens.begin(), tokens.end(), [id](const AccessToken& token) { return token.id == id; });
  if (old == tokens.end()) return no_such_token(id);
  AccessToken token = *old;
  if (expires_at) {
    token.expires_at = expires_at;
  } else if (token.expires_at) {
    token.expires_at = now + (*token.expires_at - token.issued_at);
  }
  old->expires_at = std::min(old->expires_at.value_or(now + overlap), now + overlap);
  if (is_over(*old, now)) tokens.erase(old);
  if (auto refused = refuse_another(tokens)) return *std::move(refused);
  Issued issued = make_token(std::move(token), now);
  tokens.push_back(issued.token);
  save(tokens);
  return issued;
}

std::optional<Rejection> TokenStore::revoke(TokenId id) {
  const ChangeLock lock(directory_);
  std::vector<AccessToken> tokens = list();
  if (std::erase_if(tokens, [id](const AccessToken& token) { return token.id == id; }) == 0) return no_such_token(id);
  save(tokens);
  return {};
}

void TokenStore::read_changes() {
  // The inode is that of the opened file, but the time that from before it was opened: a change in between shows as
  // another time at the next look-up.
  Version current = version();
  if (current == known_version_) return;
  PosixFile file = open();
  std::vector<AccessToken> tokens;
  struct stat status {};
  if (file.is_open()) {
    if (::fstat(file.handle(), &status) != 0) throw_errno("look at", directory_ / kFile);
    tokens = parse_tokens(file.read_all());
  }
  std::sort(tokens.begin(), tokens.end(),
            [](const AccessToken& one, const AccessToken& other) { return one.id < other.id; });
  current.file = status.st_ino;
  known_ = std::move(tokens);
  known_file_.emplace(std::move(file));
  known_version_ = current;
}

bool TokenStore::is_readable() {
  try {
    const MutexLock guard(mutex_);
    read_changes();
    return true;
  } catch (const Failure&) {
    return false;
  }
}

std::optional<AccessToken> TokenStore::find(std::string_view secret, Time now) {
  const Digest<32> digest = sha256({secret});
  const MutexLock guard(mutex_);
  read_changes();
  const AccessToken* found = nullptr;
  for (const AccessToken& token : known_) {
    if (CRYPTO_memcmp(token.digest.bytes.data(), digest.bytes.data(), digest.bytes.size()) == 0) found = &token;
  }
  if (found == nullptr || is_over(*found, now)) return std::nullopt;
  return *found;
}

bool TokenStore::is_in_force(TokenId id, Time now) {
  const MutexLock guard(mutex_);
  read_changes();
  const auto found = std::lower_bound(known_.begin(), known_.end(), id,
                                      [](const AccessToken& token, TokenId sought) { return token.id < sought; });
  return found != known_.end() && found->id == id && !is_over(*found, now);
}

std::size_t TokenStore::count_in_force(Time now, const std::function<bool(const AccessToken&)>& counts) {
  const MutexLock guard(mutex_);
  read_changes();
  return static_cast<std::size_t>(std::count_if(
      known_.begin(), known_.end(), [&](const AccessToken& token) { return !is_over(token, now) && counts(token); }));
}

std::optional<Time> TokenStore::first_end(Time now) {
  std::optional<Time> first;
  (void)count_in_force(now, [&first](const AccessToken& token) {
    const std::optional<Time>& end = token.expires_at;
    if (end && *end - token.issued_at >= kLastingFrom) first = std::min(first.value_or(*end), *end);
    return true;
  });
  return first;
}

}  // namespace runledger
