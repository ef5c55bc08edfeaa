# The stored form of an event. These bytes are hashed and kept for ever: extend a struct only at its end, never renumber
# or reuse a field, and never change its meaning (docs/log-format.md).
#
# Times are microseconds since 1970-01-01T00:00:00Z, and durations are microseconds. UUIDs and digests are split into
# big-endian words of 64 bits, the most significant first. A number that may be missing has a Bool beside it; a text
# that may be missing is a null pointer.
@0x8bac77607fe1b947;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("runledger::wire");

struct Envelope {
  sequence @0 :UInt64;
  run0 @1 :UInt64;
  run1 @2 :UInt64;
  scopeSequence @3 :UInt64;
  recordedAt @4 :Int64;
  runVersion @5 :UInt32;
  imported @6 :Bool;
  hasOccurredAt @7 :Bool;
  hasCommand @8 :Bool;
  occurredAt @9 :Int64;
  command0 @10 :UInt64;
  command1 @11 :UInt64;
  workspace @12 :Text;
  tenant @13 :Text;  # Null: the workspace itself.

  body :union {
    clear @14 :Event;
    sealed @15 :Data;  # Reserved: an Event encrypted under its tenant's key. Not written yet.
  }
}

struct Event {
  union {
    requested @0 :Requested;
    deduped @1 :Deduped;
    attemptStarted @2 :AttemptStarted;
    attemptFinished @3 :AttemptFinished;
    runFailed @4 :RunFailed;
  }
}

struct Requested {
  identity0 @0 :UInt64;
  identity1 @1 :UInt64;
  identity2 @2 :UInt64;
  identity3 @3 :UInt64;
  fingerprintVersion @4 :UInt32;
  forced @5 :Bool;
  hasRerunOf @6 :Bool;
  rerunOf0 @7 :UInt64;
  rerunOf1 @8 :UInt64;
  type @9 :Text;
  input @10 :Text;  # Canonical JSON (RFC 8785).
  policy @11 :Policy;
  initiator @12 :Text;  # Null: not given.
}

struct Policy {
  lease @0 :Int64;
  backoffInitial @1 :Int64;
  backoffMax @2 :Int64;
  cooldownLength @3 :Int64;
  maxAttempts @4 :UInt32;
  cooldownAfter @5 :UInt8;  # Bit n: outcome n of RunOutcome; 0: every outcome.
  cooldownFrom @6 :CooldownFrom;
}

struct Deduped {
  rule @0 :DedupeRule;
  stage @1 :DedupeStage;
  hasRetryAt @2 :Bool;
  hasRequestedRun @3 :Bool;
  retryAt @4 :Int64;
  requestedRun0 @5 :UInt64;
  requestedRun1 @6 :UInt64;
  askedBy @7 :Text;  # Null: not given.
}

struct AttemptStarted {
  attempt @0 :UInt32;
  hasKey @1 :Bool;
  lease @2 :Int64;
  key0 @3 :UInt64;
  key1 @4 :UInt64;
  worker @5 :Text;
}

struct AttemptFinished {
  attempt @0 :UInt32;
  outcome @1 :AttemptOutcome;
  disposition @2 :Disposition;
  retryable @3 :Bool;
  hasNotBefore @4 :Bool;
  notBefore @5 :Int64;
  summaryCounts @6 :List(Count);  # Sorted by key, each key once.
  failures @7 :List(FailureNote);
}

struct RunFailed {
  outcome @0 :RunOutcome;
  reasonCode @1 :Text;
  failures @2 :List(FailureNote);
}

struct Count {
  value @0 :UInt64;
  key @1 :Text;
}

struct FailureNote {
  reasonCode @0 :Text;
  message @1 :Text;
}

enum CooldownFrom {
  completion @0;
  request @1;
}

enum RunStatus {
  queued @0;
  running @1;
  completed @2;
}

enum RunOutcome {
  pending @0;
  succeeded @1;
  partiallySucceeded @2;
  blocked @3;
  failed @4;
  cancelled @5;
}

enum AttemptOutcome {
  succeeded @0;
  partiallySucceeded @1;
  blocked @2;
  failed @3;
  cancelled @4;
  lost @5;
}

enum Disposition {
  completes @0;
  retries @1;
  exhausts @2;
  late @3;
}

enum DedupeRule {
  activeRun @0;
  cooldown @1;
  sameRun @2;
  attemptActive @3;
  runCompleted @4;
  notCanonical @5;
}

enum DedupeStage {
  dispatch @0;
  execute @1;
}
