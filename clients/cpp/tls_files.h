// What TLS is spoken with, out of PEM files: our certificate and its key, and the authorities that we trust.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ledger/values/time.h"

namespace runledger {

struct TlsFiles {
  std::filesystem::path certificate;  // Ours, then those between it and its authority. Empty: we show none.
  std::filesystem::path key;          // The certificate's, not encrypted, closed to others. Empty with it.
  std::filesystem::path authorities;  // Who must have issued what the other side shows. Empty: see who reads them.
};

// What was in them. The key is never put into any text.
struct TlsIdentity {
  std::string certificate;
  std::string key;
  std::vector<std::string> authorities;  // One certificate each.
  Time begins_at{};                      // From when to when ours is in force; without one, no time at all.
  Time ends_at{};
};

// Reads what is named, at most 1 MiB a file. Throws Failure "tls.unreadable", "tls.certificate_invalid" (or too weak),
// "tls.key_invalid" (none, or an encrypted one), "tls.key_mismatch" (another certificate's), "tls.key_exposed"
// (everybody on this machine may read or change it) and "tls.authorities_invalid"; all of them to be corrected by who
// named it.
[[nodiscard]] TlsIdentity read_tls(const TlsFiles& files);

// Throws Failure "tls.certificate_expired" when our certificate is not in force then, or not yet.
void require_in_force(const TlsFiles& files, const TlsIdentity& identity, Time now);

}  // namespace runledger
