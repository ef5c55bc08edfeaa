// What `doctor` checks of a ledger's directory and of what was made of it.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "ledger/values/time.h"
#include "tools/cli/doctor/check.h"

namespace runledger {

// A checkpoint that was signed must be handed out within this time.
inline constexpr std::chrono::minutes kHandedOutWithin{30};

// The modes and owners of the directory and its files, as the daemon would refuse or miss them.
[[nodiscard]] Check check_modes(const std::filesystem::path& ledger);
// The access tokens that have expired, or will within two weeks.
[[nodiscard]] Check check_tokens(const std::filesystem::path& ledger, Time now);
// The certificate of a daemon. `file` is absent when the user named none.
[[nodiscard]] Check check_certificate(const std::optional<std::string>& certificate,
                                      const std::optional<std::string>& key, Time now);
// The age of the newest backup in `directory`, which is absent when the user named none.
[[nodiscard]] Check check_backup(const std::optional<std::string>& directory, const std::filesystem::path& ledger,
                                 Duration age_max, Time now);
// The age of the last signed checkpoint, unless no event has come since.
[[nodiscard]] Check check_checkpoint(const std::filesystem::path& ledger, Time now);
// The file of `serve --checkpoint-file`, which must not be old while newer checkpoints are signed. `file` is absent
// when the user named none.
[[nodiscard]] Check check_checkpoint_file(const std::optional<std::string>& file, const std::filesystem::path& ledger,
                                          Time now);
// Whether the command of an audit key that is kept elsewhere signs.
[[nodiscard]] Check check_signer(const std::filesystem::path& ledger);
// The age of the last `verify` that found the ledger sound.
[[nodiscard]] Check check_verified(const std::filesystem::path& ledger, Time now);

}  // namespace runledger
