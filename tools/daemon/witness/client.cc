// The first request to a witness names size 0. A witness that has cosigned more answers 409 with that size, from which
// the second request then proves.
#include "tools/daemon/witness/client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/base/ascii.h"
#include "ledger/base/assert.h"
#include "ledger/evidence/lines.h"

namespace runledger {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 * 1024;
constexpr std::size_t kUrlBytesMax = 2048;
constexpr long kConflict = 409;

// libcurl requires this once per process, before its first use. A static variable makes it safe on any thread.
void require_libcurl() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  RUNLEDGER_ASSERT(initialised == CURLE_OK);
}

struct EasyCleanUp {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

std::size_t take_answer(char* bytes, std::size_t, std::size_t count, void* into) {
  auto& answer = *static_cast<std::string*>(into);
  if (count > kAnswerBytesMax - answer.size()) return 0;
  answer.append(bytes, count);
  return count;
}

int ask_to_stop(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<const std::function<bool()>*>(stop))() ? 1 : 0;
}

// Returns whether the part of the URL that names a server also names a user.
bool names_user(std::string_view url) {
  const std::string_view rest = url.substr(url.find("://") + 3);
  return rest.substr(0, rest.find_first_of("/?#")).find('@') != std::string_view::npos;
}

// The size in the answer of a witness that has cosigned another checkpoint than the request named.
std::optional<std::uint64_t> parse_size(std::string_view answer) {
  const std::optional<std::string_view> line = take_line(answer);
  return line && answer.empty() ? parse_decimal(*line) : std::nullopt;
}

}  // namespace

Result<WitnessAddress> WitnessAddress::parse(std::string_view text) {
  const std::size_t blank = text.find(' ');
  if (blank != std::string_view::npos) {
    Result<WitnessKey> key = WitnessKey::parse(text.substr(0, blank));
    if (!key) return key.rejection();
    std::string url(text.substr(blank + 1));
    const bool is_url = (url.starts_with("https://") || url.starts_with("http://")) && url.size() <= kUrlBytesMax &&
                        std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (url.ends_with('/')) url.pop_back();
    if (is_url && names_user(url))
      return reject("witness.invalid",
                    "expected the URL of a witness without a user and password, found one with an @");
    if (is_url) return WitnessAddress{*std::move(key), std::move(url)};
  }
  return reject("witness.invalid", "expected a witness as its verifier key, a blank, and its http:// or https:// URL");
}

// One connection, which stays open between requests.
class WitnessClient::Transfer {
 public:
  struct Answer {
    long status = 0;
    std::string body;
  };

  Transfer() {
    require_libcurl();
    easy_.reset(curl_easy_init());
    RUNLEDGER_ASSERT(easy_ != nullptr);
  }

  // Messages name the witness, since its URL may hold a secret.
  Result<Answer> post(const WitnessAddress& witness, const std::string& body, std::chrono::steady_clock::time_point end,
                      const std::function<bool()>& stop) {
    const auto unreachable = [&witness](std::string_view why) {
      return reject("witness.unreachable", fmt::format("expected an answer of {}, found: {}", witness.key.name, why));
    };
    const auto time = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (time <= 0) return unreachable("no time is left");
    const std::string url = witness.url + "/add-checkpoint";
    CURL* easy = easy_.get();
    Answer answer;
    curl_easy_reset(easy);  // Keeps the connection.
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(time));
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "runledger");
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &ask_to_stop);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &stop);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    const CURLcode code = curl_easy_perform(easy);
    if (code != CURLE_OK) return unreachable(curl_easy_strerror(code));
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer.status);
    return answer;
  }

 private:
  std::unique_ptr<CURL, EasyCleanUp> easy_;
};

WitnessClient::WitnessClient(WitnessAddress address, Prove prove)
    : address_(std::move(address)), prove_(std::move(prove)), transfer_(std::make_unique<Transfer>()) {}

WitnessClient::~WitnessClient() = default;

Result<Cosignature> WitnessClient::cosign(const SignedCheckpoint& checkpoint, std::chrono::steady_clock::time_point end,
                                          const std::function<bool()>& stop) {
  const std::uint64_t size = checkpoint.tree.size;
  for (bool is_second = false;; is_second = true) {
    if (cosigned_ > size)
      return reject("witness.ahead", fmt::format("expected {} to have cosigned at most {} events, found {}",
                                                 address_.key.name, size, cosigned_));
    const std::string body = add_checkpoint_body(cosigned_, prove_(cosigned_, checkpoint.tree), checkpoint.note);
    const Result<Transfer::Answer> answer = transfer_->post(address_, body, end, stop);
    if (!answer) return answer.rejection();
    const auto refused = [&](std::string_view code, std::string_view why) {
      return reject(code, fmt::format("expected {} to cosign a checkpoint of {} events after one of {}, found that {}",
                                      address_.key.name, size, cosigned_, why));
    };
    switch (answer->status) {
      case 200: {
        std::optional<Cosignature> found = find_cosignature(checkpoint.note, answer->body, address_.key);
        if (!found) return refused("witness.wrong_answer", "its answer has no signature of its key");
        cosigned_ = size;
        return *std::move(found);
      }
      case kConflict: {
        const std::optional<std::uint64_t> known = parse_size(answer->body);
        if (!known) return refused("witness.wrong_answer", "its answer names no size");
        if (is_second || *known == cosigned_) return refused("witness.other_history", "it knows another history");
        cosigned_ = *known;
        continue;
      }
      case 422:
        return refused("witness.other_history", "the proof does not lead from what it has cosigned");
      case 403:
        return refused("witness.unsigned", "it knows this origin with another key");
      case 404:
        return refused("witness.unknown_log", "it does not know this origin");
      default:
        return refused("witness.failed", fmt::format("it answers with status {}", answer->status));
    }
  }
}

}  // namespace runledger
