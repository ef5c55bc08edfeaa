// What every command is given, and how it opens the ledger.
#pragma once

#include <sys/resource.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "ledger/ledger.h"
#include "projections/rows/store.h"
#include "tools/cli/output/output.h"

namespace runledger {

enum class Format { kText, kJson };

// Where the daemon of a data directory listens, in that directory.
inline constexpr const char* kDaemonSocket = "socket";

struct Context {
  std::filesystem::path data;
  std::optional<DaemonAddress> connect;  // A daemon elsewhere, named by --connect.
  std::string catalog;                   // The file of --catalog; empty: none.
  Format format = Format::kText;
  Output& out;                           // Results. Everything else goes to standard error.
  bool errors_to_terminal = false;       // Standard error is a terminal: a progress bar is welcome.
  std::optional<rlim_t> core_bytes_max;  // How large a core file of the program might have been; absent: not known.

  [[nodiscard]] bool json() const { return format == Format::kJson; }
};

// The built-in types, and over them those of --catalog. `unlisted` is the policy of types that neither names. Codes
// "catalog.unreadable", "catalog.too_large" and those of Catalog::parse.
[[nodiscard]] Catalog catalog_of(const Context& context, const Policy& unlisted = {});

// The daemon that serves the directory; null when none does. Throws as connect_link() does.
[[nodiscard]] std::shared_ptr<RpcLink> daemon_on(const std::filesystem::path& data);

// Refuses --connect ("usage"): for commands whose work is on the directory itself.
void require_no_connect(const Context& context);

// Opens the ledger in context.data with catalog_of(context), or another. Throws as Ledger does; refuses --connect.
[[nodiscard]] Ledger open_ledger(const Context& context);
[[nodiscard]] Ledger open_ledger(const Context& context, Catalog catalog, const Sequencer::Options& options);

// One line on standard error, sanitised; in json mode also an object on context.out.
void report_error(const Context& context, std::string_view code, std::string_view message);

// A bar on standard error for work that takes long, redrawn a few times a second; silent when that is no terminal.
// Clears its line when the work is done. The Progress may be copied.
[[nodiscard]] Progress progress_bar(const Context& context, std::string_view doing);

}  // namespace runledger
