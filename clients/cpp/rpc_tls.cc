// Builds KJ's TLS context from PEM texts, and the stream that explains failed writes.
#include "clients/cpp/rpc_tls.h"

#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/stream_filter.h"
#include "ledger/base/failure.h"

namespace runledger {
namespace {

kj::StringPtr text_of(const std::string& text) {
  return {text.c_str(), text.size()};
}

constexpr auto kReasonIsThereWithin = 1 * kj::SECONDS;

// When the peer ends TLS with an alert, only a read learns the reason; a write merely fails. A read is always under
// way, because the RPC system waits for the next message. So a failed write waits briefly for that read to end, and
// then fails with its error.
class TlsReasonStream final : public StreamFilter {
 public:
  TlsReasonStream(kj::Own<kj::AsyncIoStream> secured, kj::Timer& timer)
      : StreamFilter(kj::mv(secured)), timer_(timer) {}

  kj::Promise<std::size_t> tryRead(void* buffer, std::size_t bytes_min, std::size_t bytes_max) override {
    return below()
        .tryRead(buffer, bytes_min, bytes_max)
        .then(
            [this, bytes_min](std::size_t count) {
              if (count < bytes_min) end_of_reading_.fulfiller->fulfill();
              return count;
            },
            [this](kj::Exception&& error) -> std::size_t {
              why_ = kj::cp(error);
              end_of_reading_.fulfiller->fulfill();
              kj::throwFatalException(kj::mv(error));
            });
  }
  kj::Promise<void> write(const void* buffer, std::size_t size) override {
    return explained(below().write(buffer, size));
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    return explained(below().write(pieces));
  }

 private:
  kj::Promise<void> explained(kj::Promise<void> writing) {
    return writing.catch_([this](kj::Exception&& error) {
      return read_to_the_end_.addBranch()
          .exclusiveJoin(timer_.afterDelay(kReasonIsThereWithin))
          .then([this, error = kj::mv(error)]() mutable {
            KJ_IF_MAYBE (why, why_) kj::throwFatalException(kj::cp(*why));
            kj::throwFatalException(kj::mv(error));
          });
    });
  }

  kj::Timer& timer_;
  kj::Maybe<kj::Exception> why_;  // Reading has failed.
  kj::PromiseFulfillerPair<void> end_of_reading_ = kj::newPromiseAndFulfiller<void>();
  kj::ForkedPromise<void> read_to_the_end_ = end_of_reading_.promise.fork();
};

}  // namespace

kj::Own<kj::AsyncIoStream> with_tls_reason(kj::Own<kj::AsyncIoStream> secured, kj::Timer& timer) {
  return kj::heap<TlsReasonStream>(kj::mv(secured), timer);
}

kj::Own<kj::TlsContext> make_tls_context(const TlsIdentity& identity, TlsSide side) {
  try {
    std::vector<kj::TlsCertificate> authorities;
    for (const std::string& each : identity.authorities) authorities.emplace_back(text_of(each));
    kj::TlsContext::Options options;
    options.useSystemTrustStore = side == TlsSide::kClient && identity.authorities.empty();
    options.trustedCertificates = kj::arrayPtr(authorities.data(), authorities.size());
    options.verifyClients = side == TlsSide::kServer && !identity.authorities.empty();
    options.minVersion = kj::TlsVersion::TLS_1_2;
    if (identity.certificate.empty()) return kj::heap<kj::TlsContext>(options);
    const kj::TlsKeypair own{kj::TlsPrivateKey(text_of(identity.key)),
                             kj::TlsCertificate(text_of(identity.certificate))};
    options.defaultKeypair = own;
    return kj::heap<kj::TlsContext>(options);
  } catch (const kj::Exception&) {
    // The text of the exception is dropped, because it may quote the key.
    throw Failure(Remedy::kCorrectInput, "tls.certificate_invalid",
                  "expected certificates and a key that can be used, found some that cannot");
  }
}

void QuietTls::logMessage(kj::LogSeverity severity, const char* file, int line, int depth, kj::String&& text) {
  if (std::string_view(file).ends_with("tls.c++")) return;
  kj::ExceptionCallback::logMessage(severity, file, line, depth, kj::mv(text));
}

}  // namespace runledger
