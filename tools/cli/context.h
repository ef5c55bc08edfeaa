// The context that every command gets: the global options, the output, and how to open the ledger.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "ledger/ledger.h"
#include "projections/rows/store.h"
#include "tools/cli/output/output.h"
#include "tools/cli/output/separated_rows.h"

namespace runledger {

enum class Format { kText, kJson, kCsv, kTsv };

// The file name, in a data directory, of the socket on which its daemon listens.
inline constexpr const char* kDaemonSocket = "socket";

// A value, except that it refers to the Output of main, which outlives every command.
struct Context {
  std::filesystem::path data = {};
  bool data_is_copy = false;                  // `data` is a LedgerCopy of the daemon's, or a LedgerView.
  std::filesystem::path view_of = {};         // With a LedgerView: of the ledger in this directory.
  std::optional<DaemonAddress> connect = {};  // The daemon that --connect names.
  std::string catalog = {};                   // The file of --catalog; empty when the user named none.
  std::string spool = {};                     // The directory of --spool; empty when the user named none.
  Format format = Format::kText;
  Output& out;                           // For results. Everything else goes to standard error.
  bool errors_to_terminal = false;       // Standard error is a terminal, so progress bars and colours are welcome.
  std::optional<rlim_t> core_bytes_max;  // The core file limit at the start of the program, in bytes, when known.
  mode_t umask_before = 0;               // The umask at the start of the program, for commands that it runs.
  std::span<const char* const> arguments = {};  // Of the program, for a command that reads its options again.

  [[nodiscard]] bool json() const { return format == Format::kJson; }
  // How fields are separated; nullopt when the results are neither CSV nor TSV. Only commands with
  // Description::has_columns meet these two.
  [[nodiscard]] std::optional<Separation> separation() const {
    if (format == Format::kCsv) return Separation::kCommas;
    return format == Format::kTsv ? std::optional(Separation::kTabs) : std::nullopt;
  }
};

// Returns the built-in types, with those of --catalog laid over them. `unlisted` is the policy of types that neither
// names. Throws Refused with codes "catalog.unreadable", "catalog.too_large" and those of Catalog::parse.
[[nodiscard]] Catalog catalog_of(const Context& context, const Policy& unlisted = {});

// Connects to the daemon that serves the directory. Returns null when there is none, also when a killed daemon left its
// socket there. Throws as connect_link() does.
[[nodiscard]] std::shared_ptr<RpcLink> daemon_on(const std::filesystem::path& data);

// Refuses --connect with code "usage". For commands that work on the directory itself.
void require_no_connect(const Context& context);

// Opens the ledger in context.data, with catalog_of(context) or the given catalog. Refuses --connect. Throws as Ledger
// does; when a daemon serves the directory, "ledger.busy" also says that the daemon must be ended first.
[[nodiscard]] Ledger open_ledger(const Context& context);
[[nodiscard]] Ledger open_ledger(const Context& context, Catalog catalog, const Sequencer::Options& options);
// For a MarkKeeper: says so on standard error. The work of the command is done and durable, so its result stays what it
// is.
void note_mark_failed(const std::string& what);
// Rethrows `failure`; if a daemon holds the ledger, its message says so, and what to do.
[[noreturn]] void throw_busy(const Context& context, const Failure& failure);

// Writes the error as one sanitised line to standard error, and in JSON mode also as an object to context.out.
void report_error(const Context& context, std::string_view code, std::string_view message);

// Returns a function that draws a progress bar on standard error, at most ten times a second; it draws nothing when
// standard error is not a terminal. The function may be copied; the bar clears its line when the last copy is gone.
[[nodiscard]] Progress progress_bar(const Context& context, std::string_view doing);

}  // namespace runledger
