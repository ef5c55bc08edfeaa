# The stored form of the data beside the events: states on which decisions are made, answers to commands, signs of life,
# and the end of the log. The states can be computed again from the log; the answers, the signs of life and the head
# cannot.
#
# The conventions are those of event.capnp.
@0xec64029d89beec81;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("runledger::wire");

using Event = import "event.capnp";

struct Run {
  version @0 :UInt32;
  status @1 :Event.RunStatus;
  outcome @2 :Event.RunOutcome;
  lastSequence @3 :UInt64;
  requestedBy @4 :UInt64;
  requestedAt @5 :Int64;
  identity0 @6 :UInt64;
  identity1 @7 :UInt64;
  identity2 @8 :UInt64;
  identity3 @9 :UInt64;
  content0 @10 :UInt64;
  content1 @11 :UInt64;
  completedBy @12 :UInt64;
  completedAt @13 :Int64;
  endedBy0 @14 :UInt64;
  endedBy1 @15 :UInt64;
  hasEndedBy @16 :Bool;
  workspace @17 :Text;
  tenant @18 :Text;  # Null: the workspace itself.
  type @19 :Text;
  policy @20 :Event.Policy;
  attempts @21 :List(Attempt);
  lastInScope @22 :UInt64;
  hasRoot @23 :Bool;
  root0 @24 :UInt64;
  root1 @25 :UInt64;
  imported @26 :Bool;  # A journal requested it.
  takenOverBy @27 :UInt64;
  hasNotBefore @28 :Bool;
  notBefore @29 :Int64;
  openedBy @30 :Opener;  # Null: no attempt is open, or nobody can ask for its start again.
  lastSkip @31 :Skip;    # Null: none that stands.
}

struct Opener {
  command0 @0 :UInt64;
  command1 @1 :UInt64;
  starter0 @2 :UInt64;
  starter1 @3 :UInt64;
}

struct Skip {
  event @0 :UInt64;
  until @1 :Int64;
  rule @2 :Event.DedupeRule;
  hasStarter @3 :Bool;
  callerKind @4 :Event.CallerKind;
  callerUid @5 :UInt32;
  callerToken0 @6 :UInt64;
  callerToken1 @7 :UInt64;
  starter0 @8 :UInt64;
  starter1 @9 :UInt64;
}

struct Attempt {
  token @0 :UInt64;
  startedAt @1 :Int64;
  status @2 :AttemptStatus;
  hasKey @3 :Bool;
  finishedBy @4 :UInt64;
  finish0 @5 :UInt64;
  finish1 @6 :UInt64;
  key0 @7 :UInt64;
  key1 @8 :UInt64;
  startedBy @9 :UInt64;
  lease @10 :Int64;  # 0: that of the run's policy.
}

enum AttemptStatus {
  open @0;
  finished @1;
  lost @2;
  superseded @3;
  late @4;
}

# An active run is nearly always the last one, so its id is stored once. `other`, with its id in active0 and active1, is
# for a state in which the active run is not the last one; no rule produces such a state.
struct Identity {
  decidedBy @0 :UInt64;
  last0 @1 :UInt64;
  last1 @2 :UInt64;
  hasLast @3 :Bool;
  hasCooldownUntil @4 :Bool;
  active @5 :ActiveRun;
  cooldownUntil @6 :Int64;
  active0 @7 :UInt64;
  active1 @8 :UInt64;
  hasImportedActive @9 :Bool;
  importedActive0 @10 :UInt64;
  importedActive1 @11 :UInt64;
}

enum ActiveRun {
  none @0;
  last @1;
  other @2;
}

struct CommandRecord {
  answeredAt @0 :Int64;
  content0 @1 :UInt64;
  content1 @2 :UInt64;
  answer :union {
    reply @3 :Reply;
    rejection @4 :Rejection;
  }
}

struct Reply {
  verdict @0 :Verdict;
  status @1 :Event.RunStatus;
  outcome @2 :Event.RunOutcome;
  hasRule @3 :Bool;
  hasRetryAfter @4 :Bool;
  repeated @5 :Bool;
  run0 @6 :UInt64;
  run1 @7 :UInt64;
  sequence @8 :UInt64;
  attempt @9 :UInt32;
  rule @10 :Event.DedupeRule;
  token @11 :UInt64;
  retryAfter @12 :Int64;
  warnings @13 :List(Warning);  # Null: none.
  lease @14 :Int64;  # 0: none.
  runVersion @15 :UInt32;  # 0: an earlier version wrote the reply.
}

struct Warning {
  code @0 :Text;
  path @1 :Text;
}

enum Verdict {
  requested @0;
  deduped @1;
  started @2;
  skipped @3;
  finished @4;
  late @5;
  failed @6;
  alive @7;
  expired @8;
  cancelled @9;
}

struct Rejection {
  code @0 :Text;
  detail @1 :Text;
}

struct HeartbeatMark {
  token @0 :UInt64;
  at @1 :Int64;
  boot @2 :UInt64;  # The id of the machine's boot; 0: unknown.
  sinceBoot @3 :Int64;  # Microseconds on the monotonic clock.
  progress @4 :List(Event.Count);  # Sorted by key, each key once.
}

struct Head {
  sequence @0 :UInt64;
  recordedAt @1 :Int64;
  roots @2 :Data;  # The tree's frontier: 32 bytes per root, the largest subtree first.
}
