// How RPC speaks TLS, the same for the daemon and for who calls it. For these two only.
#pragma once

#include <kj/compat/tls.h>

#include "clients/cpp/tls_files.h"

namespace runledger {

enum class TlsSide {
  kServer,  // Where authorities are named, callers must show a certificate of one of them.
  kClient,  // Where none are named, those that this system trusts are.
};

// TLS 1.2 or newer. Throws Failure "tls.certificate_invalid" where OpenSSL cannot use what read_tls() gave: a key that
// is too weak, for example.
[[nodiscard]] kj::Own<kj::TlsContext> make_tls_context(const TlsIdentity& identity, TlsSide side);

// A stream that passes everything on to `secured`, but for a write that fails because reading has: that one fails as
// the reading did, which knows why the other side has ended TLS. `timer` must outlive it.
[[nodiscard]] kj::Own<kj::AsyncIoStream> telling_why(kj::Own<kj::AsyncIoStream> secured, kj::Timer& timer);

// While it is in sight, kj writes nothing of what goes wrong with TLS to standard error, on this thread: callers make
// it go wrong as they like, and whoever asked is told by an exception.
class QuietTls final : public kj::ExceptionCallback {
 public:
  void logMessage(kj::LogSeverity severity, const char* file, int line, int depth, kj::String&& text) override;
};

}  // namespace runledger
