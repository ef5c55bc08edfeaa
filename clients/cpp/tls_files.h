// Reads the PEM files for TLS: our certificate and its key, and the authorities that we trust.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ledger/values/time.h"

namespace runledger {

struct TlsFiles {
  std::filesystem::path certificate;  // Ours, followed by the intermediate certificates. Empty: we show no certificate.
  std::filesystem::path key;          // The key of the certificate, unencrypted. Empty if there is no certificate.
  std::filesystem::path authorities;  // The peer's certificate must come from one of these. Empty: see TlsSide.
};

// The content of the files, as PEM texts. The key never appears in a message.
struct TlsIdentity {
  std::string certificate;
  std::string key;
  std::vector<std::string> authorities;  // One certificate each.
  Time begins_at{};                      // Our certificate is valid from here,
  Time ends_at{};                        // until before here. Both are zero if there is no certificate.
};

// Reads the named files, at most 1 MiB each. Throws Failure (kCorrectInput)
// - "tls.unreadable": a file cannot be read, or is too large;
// - "tls.certificate_invalid": the file holds no certificate, too many, or one that OpenSSL refuses, e.g. as too weak;
// - "tls.key_invalid": the file holds no key, or an encrypted one;
// - "tls.key_mismatch": the key belongs to another certificate;
// - "tls.key_exposed": others than the owner and group of the key file have access to it;
// - "tls.authorities_invalid": the file holds no certificate.
[[nodiscard]] TlsIdentity read_tls(const TlsFiles& files);

// Throws Failure "tls.certificate_expired" if our certificate is not yet valid, or no longer, at `now`.
void require_in_force(const TlsFiles& files, const TlsIdentity& identity, Time now);

}  // namespace runledger
