# The form of rows, stored and on the wire. Unlike events, stored rows can be rebuilt: a change of meaning raises the
# projection's kRevision, and the rows follow the log from zero again. But Reader.list and Reader.totals (rpc.capnp)
# send these bytes to clients of other versions, so extend a struct only at its end.
#
# Times are microseconds since 1970-01-01T00:00:00Z. A number that may be missing has a Bool beside it; a text that may
# be missing is a null pointer. The run's id is the key.
@0xd1f3c2a86c1b7e05;

using Cxx = import "/capnp/c++.capnp";
using Event = import "event.capnp";
$Cxx.namespace("runledger::wire");

struct OperationRun {
  identity0 @0 :UInt64;
  identity1 @1 :UInt64;
  identity2 @2 :UInt64;
  identity3 @3 :UInt64;
  firstSequence @4 :UInt64;
  lastSequence @5 :UInt64;
  createdAt @6 :Int64;
  updatedAt @7 :Int64;
  requestedAt @8 :Int64;
  startedAt @9 :Int64;
  completedAt @10 :Int64;
  runVersion @11 :UInt32;
  attempt @12 :UInt32;
  maxAttempts @13 :UInt32;
  dedupedCount @14 :UInt32;
  status @15 :Event.RunStatus;
  outcome @16 :Event.RunOutcome;
  hasStartedAt @17 :Bool;
  hasCompletedAt @18 :Bool;
  workspace @19 :Text;
  tenant @20 :Text;  # Null: the workspace itself.
  type @21 :Text;
  context @22 :Text;  # Canonical JSON (RFC 8785).
  initiator @23 :Text;  # Null: not given.
  reasonCode @24 :Text;  # Null: nothing failed.
  summaryCounts @25 :List(Event.Count);  # Sorted by key, each key once.
  heldCounts @26 :List(Event.Count);
  failures @27 :List(FailureNote);
  hasDueAt @28 :Bool;
  dueAt @29 :Int64;
  callerKind @30 :Event.CallerKind;
  callerUid @31 :UInt32;     # With a user.
  callerToken0 @32 :UInt64;  # With a token of any kind: its id.
  callerToken1 @33 :UInt64;
  hasParent @34 :Bool;
  hasRerunOf @35 :Bool;
  parent0 @36 :UInt64;
  parent1 @37 :UInt64;
  root0 @38 :UInt64;  # With a parent.
  root1 @39 :UInt64;
  rerunOf0 @40 :UInt64;
  rerunOf1 @41 :UInt64;
  labels @42 :List(Event.Label);  # Sorted by key, each key once.
  traceparent @43 :Data;          # 25 bytes. Null: not given.
  importedOpen @44 :Bool;
  skippedCount @45 :UInt32;
}

# The totals of one scope and type; over RPC also the sum of several.
struct Totals {
  runs @0 :UInt64;
  attempts @1 :UInt64;
  byStatus @2 :List(Event.Count);  # All lists are sorted by key, each key once.
  byOutcome @3 :List(Event.Count);
  byType @4 :List(Event.Count);
  byTenant @5 :List(Event.Count);
  byAttempts @6 :List(AttemptsTotal);
  eventsByKind @7 :List(Event.Count);
  deduped @8 :List(Event.Count);
  summaryCounts @9 :List(Event.Count);
  leftOutTypes @10 :UInt64;  # The totals of the entries that had no room.
  leftOutTenants @11 :UInt64;
  leftOutCounts @12 :UInt64;
  byScope @13 :List(Event.Count);  # In sums only.
  leftOutScopes @14 :UInt64;
  hasLastSucceededAt @15 :Bool;
  hasFirstRequestedAt @16 :Bool;
  firstRequestedAt @17 :Int64;
  lastSucceededAt @18 :Int64;
}

struct AttemptsTotal {
  runs @0 :UInt64;
  attempts @1 :UInt32;
}

struct FailureNote {
  reasonCode @0 :Text;
  message @1 :Text;
}
