# The daemon's interface: other processes append to a running ledger and read it.
#
# The bootstrap capability is a Gate. The capabilities that a caller was given define what it can do; no method takes a
# scope that the capability already implies. Every append takes a list and answers each member by itself. The exception
# is a claim, which may have to wait: it is alone in its call, and cancelling the call withdraws it.
@0xb7d1f6a2c4e85930;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("runledger::rpc");

# 16 bytes; empty where an id may be omitted and is.
using Uuid = Data;

interface Gate {
  # An empty token asks for the rights that the transport alone grants: over a unix socket, those of the user who runs
  # the daemon. Fails with "access.unauthenticated".
  authenticate @0 (token :Text) -> (session :Session);
}

# Each method except reader() fails with "access.denied" if the right is missing.
#
# A call that fails as a whole gives the reason as "CODE: DETAIL". If the daemon's surroundings failed, a word before
# the code says what the caller can do ("retry-later overloaded: DETAIL").
interface Session {
  requester @0 () -> (requester :Requester);
  worker @1 () -> (worker :Worker);
  auditor @2 () -> (auditor :Auditor);
  reader @3 () -> (reader :Reader);
  # Also denied if the token is bound to a workspace.
  operator @4 () -> (operator :Operator) $Cxx.name("operate");
}

# The data that every caller may read in its scope, whatever its rights. Fails with "scope.not_found" if a filter names
# another scope.
interface Reader {
  # Lists runs, newest first, including everything that was acknowledged before the call: at most `limit`, and at most
  # 64. A page before the last one may have fewer, or none. `nextCursor` continues the list; empty: the last page.
  # `scanned`: how many entries of indexes were looked at. `reached`: the time, in microseconds since 1970, at which the
  # run was requested at which the search stopped, unless it was the last page.
  list @0 (filter :RunFilter, limit :UInt32, cursor :Text)
      -> (runs :List(RunRow), nextCursor :Text, scanned :UInt64, hasReached :Bool, reached :Int64);
  # The totals of the runs that match workspace, tenant and types; the other filters must be unset. `totals` is a Totals
  # of row.capnp, at most 8 MB. For a caller who may see the whole ledger, `root` is that of the tree over the first
  # `size` events; empty for others. `signedSize` is the size of the newest checkpoint, if one `isSigned`.
  totals @1 (filter :RunFilter)
    -> (totals :Data, head :UInt64, size :UInt64, root :Data, signedSize :UInt64, isSigned :Bool);
  # The position of the last event, in the caller's own numbering.
  head @2 () -> (head :UInt64);
  # At most 256 events of one run after its event `after`, and about 1 MiB of them. `more`: the run has further events,
  # as of this call.
  runEvents @3 (run :Uuid, asOf :AsOf, after :UInt32) -> (events :List(SeenEvent), more :Bool);
  # The catalog in the form that the command line's --catalog reads.
  catalog @4 () -> (json :Text);
  # How far each of these runs has come that is being carried out: the counts of the last heartbeat that had any; empty
  # for other runs. At most 1000 runs.
  progress @5 (runs :List(Uuid)) -> (progress :List(Progress));
  # Answers a question as GET does over HTTP: `about` is "duplicates", "why", …, and `parameters` are those of the query
  # (docs/http-reading.md), at most 64. `json`: one object.
  answer @6 (about :Text, parameters :List(Label)) -> (json :Text);
}

interface Requester {
  request @0 (orders :List(Order)) -> (answers :List(Answer));
  cancel @1 (cancels :List(Cancel)) -> (answers :List(Answer));
  # The answer that a request would get now; appends nothing.
  explain @2 (order :Order) -> (explanation :Explanation);
}

interface Worker {
  start @0 (starts :List(Start)) -> (answers :List(Answer));
  heartbeat @1 (heartbeats :List(Heartbeat)) -> (answers :List(Answer));
  finish @2 (finishes :List(Finish)) -> (answers :List(Answer));
  fail @3 (failures :List(Failure)) -> (answers :List(Answer));
  # Closes open attempts whose lease has run out; the daemon does so by itself soon after.
  expire @4 (expiries :List(Expiry)) -> (answers :List(Answer));
  # Starts the run that has been due for longest, among these types and in the caller's scope. If no run is due, the
  # call waits for one. A call that is cancelled while it waits, or whose connection is lost, starts no run.
  claim @5 (claim :Claim) -> (answer :ClaimAnswer);
  # For a worker that has only the input: requests the run and starts an attempt at it in one step, or answers with the
  # rule by which the worker must skip. Also needs the right to request.
  startByIdentity @6 (starts :List(IdentityStart)) -> (answers :List(Answer));
  # Records runs that were requested, carried out and ended while their worker could not reach the ledger. Each has its
  # id, so a repeated call has no further effect. Also needs the right to request.
  recordSpooled @7 (runs :List(SpooledRun)) -> (answers :List(Answer));
}

interface Auditor {
  # The events after `after` up to `to`, in the caller's own numbering, that match the filter: at most `limit`, at most
  # 4096, and about 1 MiB. `next` is the position to continue after: it may move even if the page is empty, when many
  # events did not match. If there is no event after `after`, the call waits for one, at most a minute. An `after` that
  # is itself after the last event is refused ("position.ahead"), here and by subscribe().
  events @0 (after :UInt64, limit :UInt32, to :UInt64 = 0xffffffffffffffff, filter :EventFilter, waitMs :UInt32)
      -> (events :List(SeenEvent), next :UInt64);
  # Gives `sink` every event after `after` as it becomes durable, until the subscription is released. The next batch is
  # sent when the sink has returned from the preceding one.
  subscribe @1 (after :UInt64, sink :EventSink) -> (subscription :Subscription);
}

# The daemon itself, for its operator.
interface Operator {
  # The metrics, in Prometheus's text format, as HTTP returns them under /metrics.
  metrics @0 () -> (text :Text);
  # Whether the daemon can do its work, as HTTP returns it under /readyz. `reason`: why it cannot.
  health @1 () -> (ready :Bool, reason :Text);
  # Makes a point-in-time copy of the ledger in the ledger's directory "copies"; the copy can be opened as a ledger of
  # its own. The daemon removes it when the connection ends or requests another copy. Only for the user who runs the
  # daemon, over its socket: others get "access.denied". `logOnly`: leaves out what is derived from the log.
  copy @2 (logOnly :Bool) -> (name :Text);
  # Imports lines of another source's journal, in order: at most 4096. The ledger recognises each line by its number and
  # text, so a repeated call gets the same answers, as repeated. Once a line is deferred ("overloaded",
  # "storage.full"), every later line is deferred too: continue from the first of them. `source`: the namespace of the
  # journal's keys. `catalog`: the policies of the journal's runs, in the form that `import --catalog` reads, at most
  # 1 MiB; null: the daemon's own catalog, without a cooldown for types that it does not list. Also needs the rights to
  # request and to work. `mapNames`: names that no ledger takes are mapped (docs/journal.md) instead of refused.
  # `retryRejected`: lines that were rejected before are decided anew. `adopt`: the lines are the ids of runs that
  # journals left open, which the ledger takes over.
  importJournal @3 (source :Text, catalog :Text, lines :List(JournalLine), mapNames :Bool, retryRejected :Bool,
                    adopt :Bool)
      -> (answers :List(JournalAnswer));
  # The address of the page that people look at, as http://127.0.0.1:8080/ui/; empty when the daemon serves none.
  page @4 () -> (address :Text);
  # Erases what a tenant has written so far (docs/erasure.md). It is refused while a run of the tenant is active, unless
  # `cancelActive`. The answer comes when it is done: `sequence` is its event in the log, `mirrorErased` whether the
  # daemon's mirror had followed within a minute. A call whose answer is lost can be repeated: it completes what it
  # began, or is refused with "erase.nothing".
  erase @5 (workspace :Text, tenant :Text, reason :Text, cancelActive :Bool)
      -> (sequence :UInt64, cancelledRuns :UInt64, keysDestroyed :UInt64, mirrorErased :Bool);
}

struct JournalLine {
  number @0 :UInt64;  # Its line number in the source, from 1.
  text @1 :Data;      # JSON, at most 1 MiB.
}

struct JournalAnswer {
  kind @0 :Text;  # The kind that the line names; "unknown" if it names none.
  answer @1 :Answer;
}

interface EventSink {
  take @0 (events :List(SeenEvent));
}

interface Subscription {}

# Options of a command. Heartbeats and expiries have none, because they can be repeated as they are.
struct Mark {
  commandId @0 :Uuid;  # Makes the command repeatable: the same id gets the same answer.
  hasOccurredAt @1 :Bool;
  occurredAt @2 :Int64;  # Microseconds since 1970.
  # For starts and claims: names the process that asks, at most 200 characters. The same id from another starter is
  # another command. Empty: not given.
  starter @3 :Text;
}

struct Order {
  mark @0 :Mark;
  workspace @1 :Text;  # Empty if the session implies it; the same goes for the tenant.
  tenant @2 :Text;
  type @3 :Text;
  input @4 :Text;  # JSON; empty means {}.
  run @5 :Uuid;
  initiator @6 :Text;
  force @7 :Bool;
  rerunOf @8 :Uuid;
  parent @9 :Uuid;
  labels @10 :List(Label);
  traceparent @11 :Text;
  policy @12 :PolicyChanges;  # Null: the policy of the type.
}

struct Label {
  key @0 :Text;
  value @1 :Text;
}

# What a request changes about the policy of its run, within the type's bounds; durations in microseconds.
struct PolicyChanges {
  maxAttempts @0 :UInt32;  # 0: unchanged.
  hasLease @1 :Bool;
  hasBackoff @2 :Bool;
  hasCooldown @3 :Bool;
  lease @4 :Int64;
  backoff @5 :Int64;
  cooldown @6 :Int64;
  cooldownFrom @7 :Text;  # "completion" or "request"; empty: unchanged.
  hasCooldownAfter @8 :Bool;
  cooldownAfter @9 :List(Text);  # Outcomes; empty: every outcome.
}

struct Warning {
  code @0 :Text;
  path @1 :Text;
}

struct Cancel {
  mark @0 :Mark;
  run @1 :Uuid;
  message @2 :Text;
  initiator @3 :Text;  # Who ends the run. Empty: not given.
}

struct Start {
  mark @0 :Mark;
  run @1 :Uuid;
  worker @2 :Text;
  lease @3 :Int64;  # Microseconds, within the type's bounds. 0: the lease of the run's policy.
  respectNotBefore @4 :Bool;  # Skips a run whose retry is not due yet ("not_due").
}

struct IdentityStart {
  order @0 :Order;  # Its mark applies to the whole.
  worker @1 :Text;
  lease @2 :Int64;  # Both as in Start.
  respectNotBefore @3 :Bool;
}

struct Heartbeat {
  run @0 :Uuid;
  attempt @1 :UInt32;
  token @2 :UInt64;
  progress @3 :List(Count);  # How far the work has come. Null: as the heartbeat before said.
}

struct Finish {
  mark @0 :Mark;
  run @1 :Uuid;
  attempt @2 :UInt32;
  token @3 :UInt64;
  outcome @4 :Text;  # "succeeded", "partially_succeeded", "blocked", "failed" or "cancelled".
  summaryCounts @5 :List(Count);
  failures @6 :List(FailureNote);
  noRetry @7 :Bool;
}

struct Failure {
  mark @0 :Mark;
  run @1 :Uuid;
  why @2 :FailureNote;
  cancelled @3 :Bool;  # The run's outcome is cancelled instead of failed.
  # The state in which the caller saw the run: if the run has changed since, the call is refused ("run.changed"). Null:
  # the call applies in any state.
  seen @4 :SeenRun;
  initiator @5 :Text;  # Who ends the run. Empty: not given.
}

struct SeenRun {
  status @0 :Text;  # "queued" or "running".
  attempt @1 :UInt32;  # The last attempt that was started; 0: no attempt.
}

# Times are in microseconds since 1970; one that is after the ledger's counts as the ledger's.
struct SpooledRun {
  order @0 :Order;  # With the id of the run. Its mark has no meaning.
  worker @1 :Text;
  requestedAt @2 :Int64;
  attempts @3 :List(SpooledAttempt);  # 1 to 1000; all before the last one have failed.
  cancelled @4 :Bool;  # The run was cancelled after its last attempt, which had failed.
}

struct SpooledAttempt {
  startedAt @0 :Int64;
  endedAt @1 :Int64;
  outcome @2 :Text;  # As in Finish, or "lost": its process was killed.
  summaryCounts @3 :List(Count);
  failures @4 :List(FailureNote);
  noRetry @5 :Bool;
}

struct Expiry {
  run @0 :Uuid;
}

struct Claim {
  mark @0 :Mark;
  types @1 :List(Text);  # 1 to 64.
  worker @2 :Text;
  waitMs @3 :UInt32;  # At most 60,000; 0: the claim does not wait.
  lease @4 :Int64;  # Microseconds, within the bounds of all these types. 0: the lease of the run's policy.
}

struct ClaimAnswer {
  union {
    nothingDue @0 :Void;
    run @1 :ClaimedRun;
    rejection @2 :Rejection;
    unknown @3 :Text;  # It is unknown whether a run was started: repeat the claim with the same id.
  }
}

# A started attempt, with the data that its worker needs.
struct ClaimedRun {
  started @0 :Reply;
  workspace @1 :Text;
  tenant @2 :Text;  # Empty: no tenant.
  type @3 :Text;
  input @4 :Text;  # Canonical JSON.
  lease @5 :Int64;  # Microseconds.
}

struct Progress {
  counts @0 :List(Count);
}

struct Count {
  key @0 :Text;
  value @1 :UInt64;
}

struct FailureNote {
  reasonCode @0 :Text;
  message @1 :Text;
}

# A run must match every filter that is set; an empty text, list or id is not a filter.
struct RunFilter {
  workspace @0 :Text;
  tenant @1 :Text;
  type @2 :Text;  # One more value of `types`; the same goes for the status and the outcome.
  status @3 :Text;
  outcome @4 :Text;
  hasSince @5 :Bool;
  hasUntil @6 :Bool;
  since @7 :Int64;  # All times in microseconds since 1970.
  until @8 :Int64;
  types @9 :List(Text);  # At most 16. A run must have one of these values.
  statuses @10 :List(Text);
  outcomes @11 :List(Text);
  reasonCode @12 :Text;
  hasInitiator @13 :Bool;
  initiator @14 :Text;
  hasWorker @15 :Bool;
  worker @16 :Text;  # One that has started an attempt.
  identity @17 :Data;  # 32 bytes, or empty.
  parent @18 :Uuid;
  labels @19 :List(Label);  # At most 8; a run must have all of them.
  attemptsMin @20 :UInt32;
  deduped @21 :Bool;
  idPrefix @22 :Text;  # The first hexadecimal digits of the run's id.
  hasCompletedSince @23 :Bool;
  completedSince @24 :Int64;
  hasActiveBetween @25 :Bool;
  activeFrom @26 :Int64;
  activeUntil @27 :Int64;
  asOf @28 :AsOf;  # The runs as they were then.
}

# An event must match every filter that is set; an empty text or id is not a filter.
struct EventFilter {
  run @0 :Uuid;
  tenant @1 :Text;
  type @2 :Text;
  kind @3 :Text;  # "requested", "deduped", "attempt-started", "attempt-finished", "failed" or "adopted".
}

struct AsOf {
  union {
    now @0 :Void;
    sequence @1 :UInt64;  # In the caller's own numbering.
    time @2 :Int64;       # Microseconds since 1970: the state after the last event recorded at or before it.
  }
}

struct Explanation {
  identity @0 :Data;  # 32 bytes.
  answer @1 :Answer;  # Without positions, because nothing was appended.
  namesRun @2 :Bool;
  # The ledger's state of the identity.
  activeRun @3 :Uuid;
  lastRun @4 :Uuid;
  hasCooldownUntil @5 :Bool;
  cooldownUntil @6 :Int64;  # Microseconds since 1970.
  decidedBy @7 :UInt64;     # The event that made it so; 0: no event.
}

struct RunRow {
  run @0 :Uuid;
  row @1 :Data;  # An OperationRun of row.capnp; its sequences are those of the caller's own numbering.
}

struct Answer {
  union {
    reply @0 :Reply;
    rejection @1 :Rejection;
    unknown @2 :Text;  # It is unknown whether the command took effect: repeat it with the same id.
  }
}

# The answer to a command (docs/semantics.md).
struct Reply {
  verdict @0 :Text;
  rule @1 :Text;  # Empty: no rule.
  run @2 :Uuid;
  attempt @3 :UInt32;
  token @4 :UInt64;
  hasRetryAfter @5 :Bool;
  retryAfter @6 :Int64;  # Microseconds.
  sequence @7 :UInt64;
  status @8 :Text;
  outcome @9 :Text;
  repeated @10 :Bool;
  events @11 :UInt32;  # How many events were appended for it.
  warnings @12 :List(Warning);
  lease @13 :Int64;  # Microseconds: how long the attempt lives without a heartbeat. 0: the answer is not about that.
  runVersion @14 :UInt32;  # The run's row shows what this answer says from this version on.
  position @15 :Text;  # `sequence`, sealed, for a caller that is bound to a scope (docs/http.md). Empty for others.
}

struct Rejection {
  code @0 :Text;
  detail @1 :Text;
}

struct SeenEvent {
  sequence @0 :UInt64;  # In the caller's own numbering.
  envelope @1 :Data;    # The stored bytes: an Envelope of event.capnp, packed.
  id @2 :Uuid;          # Empty: it is derived from `envelope`. Given when the event's caller is hidden from the reader.
}
