// Asks one witness over HTTP to cosign checkpoints, as C2SP's tlog-witness defines it. Only client.cc uses libcurl.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/evidence/checkpoint_keeper.h"
#include "ledger/evidence/cosignature.h"

namespace runledger {

struct WitnessAddress {
  WitnessKey key;
  std::string url;  // The prefix of its interface, without a slash at its end.

  // Accepts "KEY URL": the verifier key of the witness, a blank, and an address with http:// or https://, without a
  // user and password, for which the protocol has no use. Code "witness.invalid".
  [[nodiscard]] static Result<WitnessAddress> parse(std::string_view text);
};

// Remembers what the witness has cosigned last. Used by one thread.
class WitnessClient {
 public:
  // Returns the proof that the tree `to` extends the one over the first `from` events, with from <= to.size.
  using Prove = std::function<TreeProof(std::uint64_t from, const TreeHead& to)>;

  WitnessClient(WitnessAddress address, Prove prove);
  ~WitnessClient();
  WitnessClient(const WitnessClient&) = delete;
  WitnessClient& operator=(const WitnessClient&) = delete;

  [[nodiscard]] const WitnessKey& key() const { return address_.key; }

  // Returns the cosignature of a checkpoint. It ends at `end`, and early when `stop` returns true, which is asked at
  // least every second. Codes: "witness.unreachable", "witness.failed" (another status), "witness.unknown_log" (it does
  // not know the origin), "witness.unsigned" (it knows the origin with another key), "witness.ahead" (it has cosigned
  // more events than the checkpoint has), "witness.other_history" (it has cosigned a checkpoint that this one does not
  // extend), "witness.wrong_answer" (no cosignature of its key).
  [[nodiscard]] Result<Cosignature> cosign(const SignedCheckpoint& checkpoint,
                                           std::chrono::steady_clock::time_point end,
                                           const std::function<bool()>& stop);

 private:
  class Transfer;

  const WitnessAddress address_;
  const Prove prove_;
  std::unique_ptr<Transfer> transfer_;
  std::uint64_t cosigned_ = 0;  // The size of the last checkpoint that the witness has cosigned, as far as is known.
};

}  // namespace runledger
