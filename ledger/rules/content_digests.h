// Digests of what commands and events contain, which tell a repeated command or report from a different one.
#pragma once

#include <array>
#include <string_view>

#include "ledger/rules/command.h"
#include "ledger/rules/event.h"
#include "ledger/rules/identity.h"

namespace runledger {

// Whether the command starts an attempt, so that its starter matters.
[[nodiscard]] bool takes_starter(const Command& command);

// The key of these digests, derived from the ledger's identity key, so that nobody who lacks it can guess a content
// from its digest. Every digest is an HMAC-SHA-256 (RFC 2104), cut to 16 bytes. Any thread may use a key.
class ContentKey {
 public:
  explicit ContentKey(const IdentityKey& ledger);
  // The key for a tenant whose content is sealed: derived from that of the tenant as well.
  ContentKey(const IdentityKey& ledger, const std::array<unsigned char, 32>& tenant);

  // Of scope, type and whole input: requests for a run of the same id are the same if these are equal.
  [[nodiscard]] ContentDigest request_digest(const RequestRun& request) const;

  // Of everything that a worker reports about an attempt: outcome, counts, failures, retryable.
  [[nodiscard]] ContentDigest report_digest(const FinishAttempt& report) const;

  // Of everything in the event except its digest.
  [[nodiscard]] ContentDigest report_digest(const RunFailed& failed) const;

  // Of the whole command, with its times and origin. A command id is good for one such digest.
  [[nodiscard]] ContentDigest command_digest(const Submission& submission) const;

  // Of the text by which a process names itself.
  [[nodiscard]] StarterDigest starter_digest(std::string_view starter) const;

  // The identity of a request of a tenant whose content is sealed, in place of that under the ledger's key alone. Equal
  // for equal requests under the same key.
  [[nodiscard]] Identity sealed_identity(const Identity& identity) const;

  // An identity that only this run has, in place of `identity`: what the run holds stands in the way of no other run.
  [[nodiscard]] Identity separate_identity(const Identity& identity, RunId run) const;

  // The id under which the answer to a submission is remembered: its own id, or for a start with a starter one that
  // is made of both. Requires an id.
  [[nodiscard]] CommandId memory_id(const Submission& submission) const;

 private:
  std::array<unsigned char, 32> bytes_{};
};

}  // namespace runledger
