// The options of `runledger serve`, and the daemon settings that they result in.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/options/mirror_options.h"
#include "tools/cli/subcommand.h"
#include "tools/daemon/daemon.h"
#include "tools/daemon/observe/operations_log.h"

namespace runledger {

// The settings of the daemon, checked as far as possible without looking at the machine (serve_check.h does that).
struct ServeSettings {
  Daemon::Options daemon;  // `rpc` is always set. The catalog is not: it is read when the daemon starts.
  OperationsLog::Options log;
  std::chrono::seconds lock_wait{10};  // How long to wait while another process holds the ledger. 0: not at all.
};

// The options as typed. An option about a server that the other options do not start is refused, never ignored.
class TypedServe {
 public:
  void declare(Options& options);

  // Throws Refused with codes "usage", "listen.invalid", "socket_group.unknown", "http.invalid", "http_host.invalid",
  // "http_origin.invalid", "reconcile_every.invalid", "checkpoint_every.invalid", "witness.invalid",
  // "backup_every.invalid", "backup_keep.invalid", "connections.invalid", "idle_timeout.invalid",
  // "stall_timeout.invalid", "lock_wait.invalid", "log_format.invalid", "log_level.invalid" and those of the mirror's
  // options.
  [[nodiscard]] ServeSettings require_settings(const Context& context) const;
  // True when the command must only report whether the daemon would start.
  [[nodiscard]] bool check_only() const { return check_config_; }

 private:
  [[nodiscard]] RpcServerOptions require_rpc(const Context& context) const;
  [[nodiscard]] std::optional<TlsFiles> require_tls() const;
  // Refuses with `code` an endpoint beyond the loopback, unless there is TLS or the operator typed --insecure-listen.
  void require_closed_to_others(const Endpoint& endpoint, std::string_view flag, std::string_view code) const;
  [[nodiscard]] std::optional<HttpOptions> require_http() const;
  void require_limits(Daemon::Options& daemon) const;
  [[nodiscard]] std::optional<BackupScheduleOptions> require_backups() const;
  [[nodiscard]] OperationsLog::Options require_log(const Context& context) const;

  std::vector<std::string> listen_;
  Typed socket_group_;
  Typed http_;
  HttpAccessPolicy access_;
  bool no_page_ = false;
  Typed tls_cert_;
  Typed tls_key_;
  Typed tls_client_ca_;
  bool insecure_listen_ = false;
  bool check_config_ = false;
  Typed reconcile_every_;
  Typed backup_every_;
  Typed backup_dir_;
  Typed backup_keep_;
  Typed checkpoint_every_;
  Typed checkpoint_file_;
  std::vector<std::string> witnesses_;
  Typed connections_;
  Typed idle_timeout_;
  Typed stall_timeout_;
  Typed lock_wait_;
  bool strict_types_ = false;
  Typed log_format_;
  Typed log_level_;
  TypedMirror mirror_;
};

}  // namespace runledger
