// The chain of keys is checked link by link, each with the two keys that its own line names.
#include "ledger/evidence/key_rotation.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/evidence/lines.h"
#include "ledger/values/base64.h"

namespace runledger {
namespace {

constexpr std::string_view kFirstLine = "runledger/rotations@v1";
constexpr std::string_view kMember = "runledger/rotation ";
constexpr std::size_t kRotationsMax = 1000;

Rejection malformed() {
  return reject("rotation.malformed", "expected the rotations of an audit key, found something else");
}

// The fourth line of a note, which names the keys.
std::optional<std::string_view> rotation_line(std::string_view note) {
  std::optional<std::string_view> line;
  for (int i = 0; i < 4; ++i) line = take_line(note);
  if (!line || !line->starts_with(kMember)) return std::nullopt;
  return line->substr(kMember.size());
}

Result<KeyRotation> open_rotation(std::string_view note) {
  const std::optional<std::string_view> keys = rotation_line(note);
  const std::size_t blank = keys ? keys->find(' ') : std::string_view::npos;
  if (blank == std::string_view::npos) return malformed();
  const Result<NoteVerifier> from = NoteVerifier::parse(keys->substr(0, blank));
  const Result<NoteVerifier> to = NoteVerifier::parse(keys->substr(blank + 1));
  if (!from || !to) return malformed();
  const Result<Checkpoint> checkpoint = open_checkpoint(note, *from);
  if (!checkpoint) return checkpoint.rejection();
  if (const Result<Checkpoint> again = open_checkpoint(note, *to); !again) return again.rejection();
  return KeyRotation{*from, *to, *checkpoint, std::string(note)};
}

}  // namespace

std::string sign_rotation(const TreeHead& tree, const NoteSigner& from, const NoteSigner& to) {
  RUNLEDGER_ASSERT(from.name == to.name);
  const std::string text =
      fmt::format("{}\n{}\n{}\n{}{} {}\n", from.name, tree.size, format_base64(bytes_of(tree.root)), kMember,
                  from.verifier().format(), to.verifier().format());
  const std::string by_new = sign_note(text, to);
  return sign_note(text, from) + by_new.substr(text.size() + 1);
}

std::string with_rotation(std::string_view file, std::string_view note) {
  return fmt::format("{}\n{}", file.empty() ? fmt::format("{}\n", kFirstLine) : std::string(file), note);
}

Result<std::vector<KeyRotation>> open_rotations(std::string_view file) {
  std::vector<KeyRotation> rotations;
  if (file.empty()) return rotations;
  if (file.size() > kNoteBytesMax || take_line(file) != kFirstLine || file.empty()) return malformed();
  while (!file.empty()) {
    if (take_line(file) != "" || rotations.size() == kRotationsMax) return malformed();
    const std::size_t body = file.find("\n\n");
    const std::size_t end = body == std::string_view::npos ? body : file.find("\n\n", body + 2);
    const std::string_view note = file.substr(0, end == std::string_view::npos ? file.size() : end + 1);
    file.remove_prefix(note.size());
    Result<KeyRotation> rotation = open_rotation(note);
    if (!rotation) return rotation.rejection();
    if (!rotations.empty() && rotations.back().to != rotation->from) return malformed();
    rotations.push_back(*std::move(rotation));
  }
  return rotations;
}

std::vector<NoteVerifier> keys_after(const std::vector<KeyRotation>& rotations, const NoteVerifier& trusted) {
  std::vector<NoteVerifier> keys{trusted};
  for (const KeyRotation& rotation : rotations) {
    if (rotation.from == keys.back()) keys.push_back(rotation.to);
  }
  return keys;
}

std::vector<NoteVerifier> keys_before(const std::vector<KeyRotation>& rotations, const NoteVerifier& current) {
  std::vector<NoteVerifier> keys;
  const bool leads_here = !rotations.empty() && rotations.back().to == current;
  if (leads_here) {
    for (const KeyRotation& rotation : rotations) keys.push_back(rotation.from);
  }
  keys.push_back(current);
  return keys;
}

}  // namespace runledger
