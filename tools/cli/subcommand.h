// One subcommand of the program, and the list of all.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "tools/cli/context.h"
#include "tools/cli/exit_status.h"
#include "tools/cli/options/options.h"

namespace runledger {

// A subcommand is made once, declared once and run at most once.
class Subcommand {
 public:
  struct Description {
    std::string_view name;
    std::string_view summary;
    std::string_view example;  // Lines that work as they stand, given a ledger with such runs.
  };

  virtual ~Subcommand() = default;
  [[nodiscard]] virtual Description description() const = 0;
  virtual void declare(Options& options) = 0;
  // Throws Refused and Failure.
  virtual ExitStatus run(const Context& context) = 0;
};

// In the order of the help.
[[nodiscard]] std::vector<std::unique_ptr<Subcommand>> all_subcommands();

[[nodiscard]] std::unique_ptr<Subcommand> make_init();
[[nodiscard]] std::unique_ptr<Subcommand> make_request();
[[nodiscard]] std::unique_ptr<Subcommand> make_start();
[[nodiscard]] std::unique_ptr<Subcommand> make_heartbeat();
[[nodiscard]] std::unique_ptr<Subcommand> make_finish();
[[nodiscard]] std::unique_ptr<Subcommand> make_fail();
[[nodiscard]] std::unique_ptr<Subcommand> make_cancel();
[[nodiscard]] std::unique_ptr<Subcommand> make_show();
[[nodiscard]] std::unique_ptr<Subcommand> make_list();
[[nodiscard]] std::unique_ptr<Subcommand> make_stats();
[[nodiscard]] std::unique_ptr<Subcommand> make_replay();
[[nodiscard]] std::unique_ptr<Subcommand> make_tail();
[[nodiscard]] std::unique_ptr<Subcommand> make_import();
[[nodiscard]] std::unique_ptr<Subcommand> make_export();
[[nodiscard]] std::unique_ptr<Subcommand> make_project();
[[nodiscard]] std::unique_ptr<Subcommand> make_rebuild();
[[nodiscard]] std::unique_ptr<Subcommand> make_verify();
[[nodiscard]] std::unique_ptr<Subcommand> make_explain();
[[nodiscard]] std::unique_ptr<Subcommand> make_types();
[[nodiscard]] std::unique_ptr<Subcommand> make_token();
[[nodiscard]] std::unique_ptr<Subcommand> make_serve();
[[nodiscard]] std::unique_ptr<Subcommand> make_work();
[[nodiscard]] std::unique_ptr<Subcommand> make_exec();
[[nodiscard]] std::unique_ptr<Subcommand> make_seed();

}  // namespace runledger
