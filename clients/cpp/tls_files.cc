// Reads PEM files and checks with OpenSSL that certificate, chain and key belong together.
#include "clients/cpp/tls_files.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <memory>
#include <system_error>

#include "ledger/base/failure.h"
#include "ledger/base/posix_file.h"

namespace runledger {
namespace {

constexpr std::size_t kBytesMax = 1024 * 1024;
constexpr std::size_t kChainMax = 10;  // The limit of KJ, and the default limit of a peer that uses OpenSSL.

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

[[noreturn]] void fail(std::string_view code, const std::filesystem::path& file, std::string_view what) {
  throw Failure(Remedy::kCorrectInput, code, fmt::format("{}: {}", file.string(), what));
}

[[noreturn]] void fail_to_read(const std::filesystem::path& file, const std::string& found) {
  fail("tls.unreadable", file, fmt::format("expected a file that can be read, found: {}", found));
}

enum class Secret { kNo, kYes };

std::string read(const std::filesystem::path& path, Secret secret) {
  const NamedFile named(path);
  if (!named.trouble.empty()) fail_to_read(path, named.trouble);
  // The group may read the key: on Debian, keys belong to root and the group ssl-cert.
  if (secret == Secret::kYes && (named.status.st_mode & S_IRWXO) != 0)
    fail("tls.key_exposed", path, "expected a key that is closed to others, found it open to them: chmod o= it");
  std::optional<std::string> text = named.file.read_up_to(kBytesMax + 1);
  if (!text) fail_to_read(path, std::generic_category().message(errno));
  if (text->size() > kBytesMax)
    fail("tls.unreadable", path, fmt::format("expected at most {} bytes, found more", kBytesMax));
  return *std::move(text);
}

Bio memory_of(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

// Without this callback OpenSSL would ask for a password at the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

Certificate next_certificate(BIO* from) {
  Certificate next(PEM_read_bio_X509(from, nullptr, &no_password, nullptr), &X509_free);
  ERR_clear_error();  // Otherwise the end of the file would look like an error of the next connection.
  return next;
}

std::string pem_of(X509* certificate) {
  const Bio out(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_X509(out.get(), certificate);
  char* bytes = nullptr;
  const auto count = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(count)};
}

std::vector<std::string> read_authorities(const std::filesystem::path& file) {
  const std::string text = read(file, Secret::kNo);
  const Bio from = memory_of(text);
  std::vector<std::string> all;
  while (const Certificate each = next_certificate(from.get())) all.push_back(pem_of(each.get()));
  if (all.empty()) fail("tls.authorities_invalid", file, "expected certificates in PEM, found none");
  return all;
}

Time time_of(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return Time{} + std::chrono::seconds(::timegm(&parts));
}

// Returns null if the text holds no usable key. OpenSSL's reasons are dropped, so that no message can quote the key.
Key key_of(const std::string& pem) {
  Key key(PEM_read_bio_PrivateKey(memory_of(pem).get(), nullptr, &no_password, nullptr), &EVP_PKEY_free);
  ERR_clear_error();
  return key;
}

// Returns our own certificate, the first in the file, after checking the number of all certificates in it.
Certificate read_chain(const std::filesystem::path& file, const std::string& text) {
  const Bio from = memory_of(text);
  Certificate own = next_certificate(from.get());
  if (!own) fail("tls.certificate_invalid", file, "expected a certificate in PEM, found none");
  std::size_t count = 1;
  while (next_certificate(from.get())) ++count;
  if (count > kChainMax)
    fail("tls.certificate_invalid", file, fmt::format("expected at most {} certificates, found {}", kChainMax, count));
  return own;
}

// Finds what OpenSSL would otherwise refuse only when a connection is made, such as a key with too few bits.
void require_usable(const std::filesystem::path& file, X509* certificate, EVP_PKEY* key) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_method()), &SSL_CTX_free);
  const bool usable =
      SSL_CTX_use_certificate(context.get(), certificate) == 1 && SSL_CTX_use_PrivateKey(context.get(), key) == 1;
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  if (!usable)
    fail("tls.certificate_invalid", file,
         fmt::format("expected a certificate that OpenSSL takes, found: {}", reason == nullptr ? "another" : reason));
}

void read_own(const TlsFiles& files, TlsIdentity& identity) {
  identity.certificate = read(files.certificate, Secret::kNo);
  const Certificate certificate = read_chain(files.certificate, identity.certificate);
  identity.begins_at = time_of(X509_get0_notBefore(certificate.get()));
  identity.ends_at = time_of(X509_get0_notAfter(certificate.get()));
  identity.key = read(files.key, Secret::kYes);
  const Key key = key_of(identity.key);
  if (!key) fail("tls.key_invalid", files.key, "expected a private key in PEM that is not encrypted, found none");
  const bool match = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!match)
    fail("tls.key_mismatch", files.key,
         fmt::format("expected the key of {}, found another", files.certificate.string()));
  require_usable(files.certificate, certificate.get(), key.get());
}

}  // namespace

TlsIdentity read_tls(const TlsFiles& files) {
  TlsIdentity identity;
  if (!files.certificate.empty()) read_own(files, identity);
  if (!files.authorities.empty()) identity.authorities = read_authorities(files.authorities);
  return identity;
}

void require_in_force(const TlsFiles& files, const TlsIdentity& identity, Time now) {
  if (identity.begins_at <= now && now < identity.ends_at) return;
  fail("tls.certificate_expired", files.certificate,
       fmt::format("expected a certificate that is in force, found one that is from {} to {}",
                   format_time(identity.begins_at), format_time(identity.ends_at)));
}

}  // namespace runledger
