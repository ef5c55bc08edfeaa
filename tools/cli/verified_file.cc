// One line of JSON.
#include "tools/cli/verified_file.h"

#include <fcntl.h>

#include "ledger/base/failure.h"
#include "ledger/base/posix_file.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/rules/event.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

constexpr const char* kVerifiedFile = "verified";
constexpr JsonLimits kVerifiedLimits{.bytes_max = 4096, .depth_max = 2, .keys_max = 4};

}  // namespace

void note_verified(const std::filesystem::path& ledger, const Verified& verified) {
  JsonWriter out;
  out.begin_object().member("at", format_time(verified.at)).member("sequence", verified.sequence.value).end_object();
  try {
    replace_own(ledger / kVerifiedFile, out.take() + "\n", [&](const PosixFile& made) { give_to_owner(made, ledger); });
  } catch (const Failure&) {  // On a medium that cannot be written to, the check itself has still been made.
  }
}

std::optional<Verified> read_verified(const std::filesystem::path& ledger) {
  const PosixFile file(ledger / kVerifiedFile, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (!file.is_open()) return {};
  const std::optional<std::string> text = file.read_up_to(kVerifiedLimits.bytes_max);
  if (!text) return {};
  try {
    const JsonValue document = need(parse_json(*text, kVerifiedLimits));
    const JsonObject in(document, "the file", "doctor.verify_old");
    return Verified{need(parse_time(in.text("at"))), Sequence{in.number("sequence", {.max = kCountMax})}};
  } catch (const Refused&) {
    return {};
  }
}

}  // namespace runledger
