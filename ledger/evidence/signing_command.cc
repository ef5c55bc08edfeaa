// Answers are base64, so that they are one line.
#include "ledger/evidence/signing_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "ledger/base/failure.h"
#include "ledger/base/key_command.h"
#include "ledger/base/utf8.h"
#include "ledger/values/base64.h"

namespace runledger {
namespace {

constexpr std::size_t kCommandBytesMax = 4096;
constexpr std::string_view kSampleText = "runledger asks whether this command signs.\n";

std::string bytes_of_answer(const std::string& command, std::string_view word, std::string_view text) {
  const std::string answer = answer_of(
      {.command = fmt::format("{} {}", command, word), .code = "signer.failed", .timeout = kSigningTimeout}, text);
  const std::optional<std::string> bytes = parse_base64(answer);
  if (bytes) return *bytes;
  throw Failure(Remedy::kCallOperator, "signer.failed",
                fmt::format("expected `{} {}` to write one line of base64, found another", command, word));
}

}  // namespace

Result<std::string> parse_signing_command(std::string_view text) {
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == 127; };
  if (!text.empty() && text.size() <= kCommandBytesMax && is_valid_utf8(text) &&
      std::none_of(text.begin(), text.end(), is_control))
    return std::string(text);
  return reject("signer.invalid",
                fmt::format("expected a command of 1 to {} bytes in one line, found another text", kCommandBytesMax));
}

SigningCommand SigningCommand::ask(const std::string& command) {
  SigningCommand signer{.command = command, .key = {}};
  const std::string key = bytes_of_answer(command, "public-key", "");
  if (key.size() != signer.key.bytes.size())
    throw Failure(Remedy::kCallOperator, "signer.failed",
                  fmt::format("expected `{} public-key` to write the {} bytes of an Ed25519 key, found {}", command,
                              signer.key.bytes.size(), key.size()));
  std::copy(key.begin(), key.end(), signer.key.bytes.begin());
  signer.require_signing();
  return signer;
}

std::string SigningCommand::sign(std::string_view text) const {
  if (owner && *owner != ::geteuid())
    throw Failure(Remedy::kCorrectInput, "ledger.wrong_user",
                  fmt::format("expected user {}, whose audit.key names the command that signs, found user {}: run this "
                              "as the former",
                              *owner, ::geteuid()));
  std::string signature = bytes_of_answer(command, "sign", text);
  if (!key.verifies(text, signature))
    throw Failure(Remedy::kCallOperator, "signer.wrong",
                  fmt::format("expected `{} sign` to sign with the audit key of the ledger, found a signature that is "
                              "not one of it",
                              command));
  return signature;
}

void SigningCommand::require_signing() const {
  (void)sign(kSampleText);
}

}  // namespace runledger
