// Whether the daemon would start: what `serve --check-config` looks at beyond the options themselves.
#pragma once

#include "tools/cli/context.h"
#include "tools/daemon/daemon.h"

namespace runledger {

// Throws what starting would throw: there is no ledger, its access tokens, its certificate or its key cannot be used,
// or nobody can listen where it is to. A certificate that is not in force is refused as well, which starting only tells
// of, so that who calls over the socket is still served. Changes nothing and opens no ledger, so that it can be asked
// beside a running daemon: an address at which somebody listens already counts as good.
void require_startable(const Context& context, const Daemon::Options& daemon);

}  // namespace runledger
