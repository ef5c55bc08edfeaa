// What `doctor` checks of the daemon's systemd unit.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "tools/cli/doctor/check.h"

namespace runledger {

// A line of a unit's section [Service].
struct UnitSetting {
  std::string_view name;
  std::string_view value;
};

// The settings of scripts/runledger.service that hold for every site: not its user, paths and environment.
[[nodiscard]] std::span<const UnitSetting> unit_settings();

// Looks for the unit, and for what is dropped in beside it, where systemd does; a name with a slash is a path, and one
// without a dot that of a service. One that
// is not installed is no problem. What systemd itself has loaded is not asked.
[[nodiscard]] Check check_unit(const std::string& named, const std::filesystem::path& ledger);

// Judges the text of a unit, with what is dropped in appended: whether it serves this ledger, and has every setting of
// unit_settings(). More open files than there are no difference.
[[nodiscard]] Check judge_unit(std::string_view text, const std::filesystem::path& ledger);

}  // namespace runledger
