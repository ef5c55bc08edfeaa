// The checks of `serve --check-config` that go beyond the options: whether the daemon could start on this machine.
#pragma once

#include "tools/cli/context.h"
#include "tools/daemon/daemon.h"

namespace runledger {

// Throws what starting would throw: when there is no ledger, when its access tokens, certificate or key cannot be used,
// or when the daemon could not listen on an address. It also refuses a certificate that is not in force; starting only
// logs a warning about that, so that callers on the socket are still served. Likewise "mirror.pooler", at which the
// mirror of a daemon would stop; a Postgres that cannot be reached is only noted on standard error. Changes nothing and
// opens no ledger, so it works beside a running daemon of the ledger, whose addresses count as good.
void require_startable(const Context& context, const Daemon::Options& daemon);

}  // namespace runledger
