// Every field has a fixed length or follows its length. A frontier is its size and as many roots as the size has bits.
#include "ledger/log/scope_entries.h"

#include <bit>
#include <cstring>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/big_endian.h"
#include "ledger/log/store/derived_store.h"

namespace runledger {

class ScopeCodec {
 public:
  static Scope restored(std::string workspace, std::optional<std::string> tenant) {
    Scope scope{.workspace = {std::move(workspace), FromLog()}, .tenant = {}};
    if (tenant) scope.tenant = Tenant(*std::move(tenant), FromLog());
    return scope;
  }
};

namespace {

constexpr std::uint32_t kNameBytesMax = 1024;

void append(std::string& out, const SparseTop& top, const Digest<32>& hash) {
  append_big_endian(out, top.place);
  out += static_cast<char>(top.depth);
  out += bytes_of(hash);
}

void append(std::string& out, const MerkleFrontier& tree) {
  append_big_endian(out, tree.size());
  for (const Digest<32>& root : tree.roots()) out += bytes_of(root);
}

void append(std::string& out, const std::string& name) {
  append_big_endian(out, static_cast<std::uint32_t>(name.size()));
  out += name;
}

// Takes fields off the front.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : left_(bytes) {}

  [[nodiscard]] bool is_empty() const { return left_.empty(); }
  void require_end() const {
    if (!is_empty()) throw_rows_damaged("expected the end of an entry of scopes, found more bytes");
  }

  std::string_view bytes(std::size_t count) {
    if (left_.size() < count) throw_rows_damaged("expected more bytes in an entry of scopes");
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }
  bool flag() {
    const char byte = bytes(1).front();
    if (byte != 0 && byte != 1) throw_rows_damaged("expected a byte 0 or 1 in an entry of scopes");
    return byte == 1;
  }
  template <std::size_t N>
  Digest<N> digest() {
    Digest<N> digest;
    std::memcpy(digest.bytes.data(), bytes(N).data(), N);
    return digest;
  }
  SparseTop top() {
    SparseTop top;
    top.place = load_big_endian_32(bytes(sizeof(Place)).data());
    top.depth = static_cast<unsigned char>(bytes(1).front());
    if (top.depth > kPlaceBits) throw_rows_damaged("expected a depth of at most 32 in an entry of scopes");
    return top;
  }
  MerkleFrontier frontier() {
    const std::uint64_t size = load_big_endian_64(bytes(sizeof(std::uint64_t)).data());
    std::vector<Digest<32>> roots;
    for (int i = 0; i < std::popcount(size); ++i) roots.push_back(digest<32>());
    return {size, std::move(roots)};
  }
  std::string name() {
    const std::uint32_t size = load_big_endian_32(bytes(sizeof(std::uint32_t)).data());
    if (size > kNameBytesMax) throw_rows_damaged("expected a name in an entry of scopes, found a longer text");
    return std::string(bytes(size));
  }

 private:
  std::string_view left_;
};

SparseSide take_side(Fields& in) {
  SparseSide side;
  side.top = in.top();
  side.hash = in.digest<32>();
  return side;
}

SparseRoot take_root(Fields& in) {
  SparseRoot root;
  root.top = in.top();
  root.hash = in.digest<32>();
  return root;
}

ScopeRecord take_scope(Fields& in) {
  ScopeRecord record;
  std::string workspace = in.name();
  std::optional<std::string> tenant;
  if (in.flag()) tenant = in.name();
  record.scope = ScopeCodec::restored(std::move(workspace), std::move(tenant));
  record.events = in.frontier();
  record.runs = take_root(in);
  return record;
}

std::string node_key(char kind, std::string_view tree, unsigned depth, Place prefix) {
  std::string key(1, kind);
  key += tree;
  key += static_cast<char>(depth);
  append_big_endian(key, prefix);
  return key;
}

std::string place_key(char kind, std::string_view tree, Place place) {
  std::string key(1, kind);
  key += tree;
  append_big_endian(key, place);
  return key;
}

}  // namespace

std::string scope_place_key(Place place) {
  return place_key(kScopePlaces, {}, place);
}

std::string scope_branch_key(unsigned depth, Place prefix) {
  return node_key(kScopeBranches, {}, depth, prefix);
}

std::string run_place_key(const Digest<32>& scope_key, Place place) {
  return place_key(kRunPlaces, bytes_of(scope_key), place);
}

std::string run_branch_key(const Digest<32>& scope_key, unsigned depth, Place prefix) {
  return node_key(kRunBranches, bytes_of(scope_key), depth, prefix);
}

std::string encode_scopes_state(const ScopesState& state) {
  std::string out;
  append(out, state.log);
  out += bytes_of(state.secrets);
  out += state.scopes ? '\1' : '\0';
  if (state.scopes) append(out, state.scopes->top, state.scopes->hash);
  return out;
}

ScopesState decode_scopes_state(std::string_view bytes) {
  Fields in(bytes);
  ScopesState state;
  state.log = in.frontier();
  state.secrets = in.digest<8>();
  if (in.flag()) state.scopes = take_root(in);
  in.require_end();
  return state;
}

std::string encode_scopes(const std::vector<ScopeRecord>& records) {
  std::string out;
  for (const ScopeRecord& record : records) {
    RUNLEDGER_ASSERT(record.runs);
    append(out, record.scope.workspace.str());
    out += record.scope.tenant ? '\1' : '\0';
    if (record.scope.tenant) append(out, record.scope.tenant->str());
    append(out, record.events);
    append(out, record.runs->top, record.runs->hash);
  }
  return out;
}

std::vector<ScopeRecord> decode_scopes(std::string_view bytes) {
  std::vector<ScopeRecord> records;
  for (Fields in(bytes); !in.is_empty();) records.push_back(take_scope(in));
  return records;
}

std::string encode_runs(const std::vector<RunRecord>& records) {
  std::string out;
  for (const RunRecord& record : records) {
    out += record.run.value.view();
    append(out, record.events);
  }
  return out;
}

std::vector<RunRecord> decode_runs(std::string_view bytes) {
  std::vector<RunRecord> records;
  for (Fields in(bytes); !in.is_empty();) {
    RunRecord record;
    const std::string_view id = in.bytes(record.run.value.bytes.size());
    std::memcpy(record.run.value.bytes.data(), id.data(), id.size());
    record.events = in.frontier();
    records.push_back(std::move(record));
  }
  return records;
}

std::string encode_branch(const SparseBranch& branch) {
  std::string out;
  append(out, branch.left.top, branch.left.hash);
  append(out, branch.right.top, branch.right.hash);
  return out;
}

SparseBranch decode_branch(std::string_view bytes) {
  Fields in(bytes);
  SparseBranch branch;
  branch.left = take_side(in);
  branch.right = take_side(in);
  in.require_end();
  return branch;
}

}  // namespace runledger
