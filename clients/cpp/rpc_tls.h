// TLS for RPC connections, used by the daemon's RPC server and by rpc_link.cc only.
#pragma once

#include <kj/compat/tls.h>

#include "clients/cpp/tls_files.h"

namespace runledger {

enum class TlsSide {
  kServer,  // If the identity has authorities, clients must show a certificate from one of them.
  kClient,  // If the identity has no authorities, the client trusts those of the system.
};

// Returns a context for TLS 1.2 or newer. Throws Failure "tls.certificate_invalid" if OpenSSL cannot use the result of
// read_tls(), for example because a key is too weak.
[[nodiscard]] kj::Own<kj::TlsContext> make_tls_context(const TlsIdentity& identity, TlsSide side);

// Returns a stream that forwards everything to `secured`, except that a write that fails after a failed read throws the
// error of the read, which has the reason why the peer ended TLS. `timer` is not owned and must outlive the stream.
[[nodiscard]] kj::Own<kj::AsyncIoStream> with_tls_reason(kj::Own<kj::AsyncIoStream> secured, kj::Timer& timer);

// While an object of this class exists, KJ writes no TLS errors of this thread to standard error. Any peer can cause
// such errors at will, and the code that is affected gets them as exceptions anyway.
class QuietTls final : public kj::ExceptionCallback {
 public:
  void logMessage(kj::LogSeverity severity, const char* file, int line, int depth, kj::String&& text) override;
};

}  // namespace runledger
