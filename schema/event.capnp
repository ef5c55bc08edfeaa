# The stored form of an event. These bytes are hashed and kept for ever: extend a struct only at its end, never renumber
# or reuse a field, and never change its meaning (docs/log-format.md).
#
# Times are microseconds since 1970-01-01T00:00:00Z, and durations are microseconds. UUIDs and digests are split into
# big-endian words of 64 bits, the most significant first. A number that may be missing has a Bool beside it; a text
# that may be missing is a null pointer.
@0x8bac77607fe1b947;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("runledger::wire");

# An event is its facts and its content. Facts are all that states, counts and later decisions follow from. The content
# is what people wrote into the event; every fold must get along without it.
struct Envelope {
  run0 @0 :UInt64;
  run1 @1 :UInt64;
  scopeSequence @2 :UInt64;
  previous @3 :UInt64;  # The scopeSequence of the run's event before this one; zero for its first.
  recordedAt @4 :Int64;
  occurredAt @5 :Int64;
  runVersion @6 :UInt32;
  imported @7 :Bool;
  hasOccurredAt @8 :Bool;
  hasCommand @9 :Bool;
  command0 @10 :UInt64;
  command1 @11 :UInt64;
  workspace @12 :Text;
  tenant @13 :Text;  # Null: the workspace itself.

  facts :union {
    requested @14 :Requested;
    deduped @15 :Deduped;
    attemptStarted @16 :AttemptStarted;
    attemptFinished @17 :AttemptFinished;
    runFailed @18 :RunFailed;

    # Events of the ledger itself, but for `adopted`. `auditKeyRotated` is reserved and not written yet; a program that
    # reads one must say that a newer version wrote it, and not call it damage.
    restored @25 :LedgerEvent;         # The ledger was restored from a backup, and goes on as its successor.
    recovered @26 :LedgerEvent;        # The ledger was made from the events that could be read of a damaged one.
    adopted @27 :LedgerEvent;          # An open run of a journal was taken over, and is carried out like a live one.
    erased @28 :LedgerEvent;           # The key of sealed content was destroyed, so that nobody can read it any more.
    auditKeyRotated @29 :LedgerEvent;  # The heads of the tree are signed with another key from here on.
  }

  content :union {
    clear @19 :Content;  # Null: the event has none.
    sealed @20 :Data;    # A Content, compressed and encrypted under its tenant's key (docs/log-format.md).
  }

  callerKind @21 :CallerKind;  # Who caused the event.
  callerUid @22 :UInt32;       # With a user.
  callerToken0 @23 :UInt64;    # With a token of any kind: its id.
  callerToken1 @24 :UInt64;

  # Never stored: what `sealed` holds, for a program that gets the event over a connection and has no key.
  opened @30 :Content;
}

struct Content {
  input @0 :Text;            # Requested: canonical JSON (RFC 8785). Null: {}.
  initiator @1 :Text;        # Requested and Deduped: who asked; RunFailed: who ended the run. Null: not given.
  worker @2 :Text;           # AttemptStarted.
  messages @3 :List(Text);   # AttemptFinished and RunFailed: one for each of reasonCodes. Null: all are empty.
  labels @4 :List(Label);    # Requested. Sorted by key, each key once.
  traceparent @5 :Data;      # Requested: trace id, parent id and flags (W3C Trace Context), 25 bytes. Null: not given.
}

struct Requested {
  identity0 @0 :UInt64;
  identity1 @1 :UInt64;
  identity2 @2 :UInt64;
  identity3 @3 :UInt64;
  digest0 @4 :UInt64;  # Of scope, type and input.
  digest1 @5 :UInt64;
  fingerprintVersion @6 :UInt32;
  forced @7 :Bool;
  hasRerunOf @8 :Bool;
  rerunOf0 @9 :UInt64;
  rerunOf1 @10 :UInt64;
  type @11 :Text;
  policy @12 :Policy;
  hasParent @13 :Bool;
  parent0 @14 :UInt64;
  parent1 @15 :UInt64;
  root0 @16 :UInt64;  # With a parent: the parent's root, or the parent itself when it has none.
  root1 @17 :UInt64;
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
  hasStandsUntil @7 :Bool;  # Starts only: until then, the same start is answered with this event.
  hasStarter @8 :Bool;      # Starts only.
  standsUntil @9 :Int64;
  starter0 @10 :UInt64;  # The digest of the process that asked.
  starter1 @11 :UInt64;
}

struct AttemptStarted {
  attempt @0 :UInt32;
  hasKey @1 :Bool;
  lease @2 :Int64;
  key0 @3 :UInt64;
  key1 @4 :UInt64;
  hasStarter @5 :Bool;  # Only if the start had a command id.
  starter0 @6 :UInt64;  # The digest of the process that asked for the start.
  starter1 @7 :UInt64;
}

struct AttemptFinished {
  attempt @0 :UInt32;
  outcome @1 :AttemptOutcome;
  disposition @2 :Disposition;
  retryable @3 :Bool;
  hasNotBefore @4 :Bool;
  notBefore @5 :Int64;
  digest0 @6 :UInt64;  # Of the worker's whole report, with its messages.
  digest1 @7 :UInt64;
  summaryCounts @8 :List(Count);  # Sorted by key, each key once.
  reasonCodes @9 :List(Text);     # One for each failure.
}

struct RunFailed {
  outcome @0 :RunOutcome;
  digest0 @1 :UInt64;  # Of the whole event.
  digest1 @2 :UInt64;
  reasonCode @3 :Text;
  reasonCodes @4 :List(Text);  # One for each failure.
}

struct LedgerEvent {
  skipped @0 :UInt64;      # Restored and Recovered: by how much the number of each scope's next event moves on.
  outsideMark @1 :UInt64;  # Restored: the last sequence that anything outside of the backup named; 0: none was asked.
                           # Recovered: the last sequence that anything named.
  backupMadeAt @2 :Int64;  # Restored: when the backup was made, by the clock of the machine that made it.
  workspace @3 :Text;      # Erased: the scope whose content was erased.
  tenant @4 :Text;         # Erased.
  reason @5 :Text;         # Erased: why, in the words of who asked for it.
  keys @6 :List(UInt64);   # Erased: the ids of the keys that were destroyed.
  kept @7 :UInt64;         # Recovered: how many events precede it, all of them the first ones of the damaged ledger.
  givenUp @8 :UInt64;      # Recovered: how many later events could be read, and were left behind all the same.
  damage @9 :Text;         # Recovered: what ended the kept events.
}

struct Count {
  value @0 :UInt64;
  key @1 :Text;
}

struct Label {
  key @0 :Text;
  value @1 :Text;
}

enum CallerKind {
  system @0;          # The ledger itself.
  user @1;            # A user of the operating system.
  token @2;           # An access token that is bound to no scope.
  workspaceToken @3;  # One that is bound to a workspace.
  tenantToken @4;     # One that is bound to a tenant.
  hidden @5;          # Never stored: stands for a caller that the reader may not see.
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
  notDue @6;
}

enum DedupeStage {
  dispatch @0;
  execute @1;
}
