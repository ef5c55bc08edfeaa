# The daemon's interface: how other processes append to a running ledger and read it.
#
# The bootstrap capability is a Gate. What a caller can do is what the capabilities that it was handed can do; none of
# them takes a scope that it already implies. Every append takes many at once, and answers each by itself; but for a
# claim, which may have to wait, and is withdrawn by cancelling the call that it is alone in.
@0xb7d1f6a2c4e85930;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("runledger::rpc");

# 16 bytes, or none where an id may be left out.
using Uuid = Data;

interface Gate {
  # An empty token asks for what the transport itself admits: over a unix socket, the user who runs the daemon.
  # Fails with "access.unauthenticated".
  authenticate @0 (token :Text) -> (session :Session);
}

# Each but the reader fails with "access.denied" where the right is missing.
#
# A call that fails as a whole says why as "CODE: DETAIL"; where the daemon's surroundings failed, a word for what can
# be done stands before the code ("retry-later overloaded: DETAIL").
interface Session {
  requester @0 () -> (requester :Requester);
  worker @1 () -> (worker :Worker);
  auditor @2 () -> (auditor :Auditor);
  reader @3 () -> (reader :Reader);
  # Also denied where the token is bound to a workspace.
  operator @4 () -> (operator :Operator) $Cxx.name("operate");
}

# What every caller may see of its scope, whatever its rights. Fails with "scope.not_found" for a filter that names
# another.
interface Reader {
  # Runs, newest first, of everything that was acknowledged before the call: at most `limit`, and at most 64. May be
  # fewer, even none, before the last page. `nextCursor` is where to go on; empty: that was the last page.
  list @0 (filter :RunFilter, limit :UInt32, cursor :Text) -> (runs :List(RunRow), nextCursor :Text);
  # Of the runs that match workspace, tenant and type; the other filters are unset. `totals` is as row.capnp has it,
  # at most 8 MB.
  totals @1 (filter :RunFilter) -> (totals :Data, head :UInt64);
  # The position of the last event, of the caller's own counting.
  head @2 () -> (head :UInt64);
  # At most 256 events of one run behind its event `after`, and about 1 MiB of them. `more`: there are others, up to
  # that moment.
  runEvents @3 (run :Uuid, asOf :AsOf, after :UInt32) -> (events :List(SeenEvent), more :Bool);
  # As the command line's --catalog reads it.
  catalog @4 () -> (json :Text);
}

interface Requester {
  request @0 (orders :List(Order)) -> (answers :List(Answer));
  cancel @1 (cancels :List(Cancel)) -> (answers :List(Answer));
  # What a request would be answered now; nothing is appended.
  explain @2 (order :Order) -> (explanation :Explanation);
}

interface Worker {
  start @0 (starts :List(Start)) -> (answers :List(Answer));
  heartbeat @1 (heartbeats :List(Heartbeat)) -> (answers :List(Answer));
  finish @2 (finishes :List(Finish)) -> (answers :List(Answer));
  fail @3 (failures :List(Failure)) -> (answers :List(Answer));
  # Closes open attempts whose lease has run out, as the daemon itself does soon after.
  expire @4 (expiries :List(Expiry)) -> (answers :List(Answer));
  # Starts the run of one of some types, in the caller's scope, that has been due for longest. Where none is due it
  # waits for one. A call that is cancelled meanwhile, or whose connection is lost, starts none.
  claim @5 (claim :Claim) -> (answer :ClaimAnswer);
  # For a worker that has only the input: asks for the run and starts an attempt at it, in one step, or says what it
  # must skip for. Also needs the right to request.
  startByIdentity @6 (starts :List(IdentityStart)) -> (answers :List(Answer));
}

interface Auditor {
  # At most `limit` events after `after` up to `to`, of the caller's own counting, that the filter lets through, and at
  # most 4096 and about 1 MiB of them. `next` is where to go on: where much was passed over, a page may be empty and
  # `next` still have moved. Where there is nothing after `after`, waits for it, at most a minute.
  events @0 (after :UInt64, limit :UInt32, to :UInt64 = 0xffffffffffffffff, filter :EventFilter, waitMs :UInt32)
      -> (events :List(SeenEvent), next :UInt64);
  # Gives `sink` every event after `after` as it becomes durable, until the subscription is released. The next batch
  # waits until the sink has returned from the one before it.
  subscribe @1 (after :UInt64, sink :EventSink) -> (subscription :Subscription);
}

# The daemon itself, for who runs it.
interface Operator {
  # What it counts, in the text form of Prometheus, as HTTP shows it under /metrics.
  metrics @0 () -> (text :Text);
  # Whether it can do its work, as HTTP says under /readyz. `reason`: why not.
  health @1 () -> (ready :Bool, reason :Text);
  # Makes a copy of the ledger as it stands, in directory "copies" of its own, which is to be looked at as a ledger by
  # itself. It is removed when the connection ends, or asks for another. For the user who runs the daemon, over its
  # socket: others get "access.denied".
  copy @2 () -> (name :Text);
  # Takes in lines of a journal of another source, in order: at most 4096. Each is known again by its number and text,
  # so that the same call once more is answered the same, as repeated. Once one is put off ("overloaded",
  # "storage.full") none behind it acts: take up again from the first of them. `source`: the namespace of its keys.
  # `catalog`: the policies that its runs were made under, as the command line's `import --catalog` reads them, at most
  # 1 MiB; null: the daemon's own, and no cooldown for types that it does not list. Also needs the rights to request and
  # to work.
  importJournal @3 (source :Text, catalog :Text, lines :List(JournalLine)) -> (answers :List(JournalAnswer));
}

struct JournalLine {
  number @0 :UInt64;  # In its source, from 1.
  text @1 :Data;      # JSON, at most 1 MiB.
}

struct JournalAnswer {
  kind @0 :Text;  # Of the line, as it says itself; "unknown" where that cannot be told.
  answer @1 :Answer;
}

interface EventSink {
  take @0 (events :List(SeenEvent));
}

interface Subscription {}

# What may come with a command. Heartbeats and expiries have none: they can be repeated as they are.
struct Mark {
  commandId @0 :Uuid;  # Makes it repeatable: the same id is answered the same.
  hasOccurredAt @1 :Bool;
  occurredAt @2 :Int64;  # Microseconds since 1970.
}

struct Order {
  mark @0 :Mark;
  workspace @1 :Text;  # Empty where the session implies it; so is the tenant.
  tenant @2 :Text;
  type @3 :Text;
  input @4 :Text;  # JSON; empty: {}.
  run @5 :Uuid;
  initiator @6 :Text;
  force @7 :Bool;
}

struct Cancel {
  mark @0 :Mark;
  run @1 :Uuid;
  message @2 :Text;
}

struct Start {
  mark @0 :Mark;
  run @1 :Uuid;
  worker @2 :Text;
}

struct IdentityStart {
  order @0 :Order;  # With the mark of the whole.
  worker @1 :Text;
}

struct Heartbeat {
  run @0 :Uuid;
  attempt @1 :UInt32;
  token @2 :UInt64;
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
  cancelled @3 :Bool;  # The run's outcome: cancelled instead of failed.
  # How the run stood when the caller looked: where it stands otherwise by now, it is left alone ("run.changed"). Null:
  # however it stands.
  seen @4 :SeenRun;
}

struct SeenRun {
  status @0 :Text;  # "queued" or "running".
  attempt @1 :UInt32;  # The last one started; 0: none.
}

struct Expiry {
  run @0 :Uuid;
}

struct Claim {
  mark @0 :Mark;
  types @1 :List(Text);  # 1 to 64.
  worker @2 :Text;
  waitMs @3 :UInt32;  # At most 60,000; 0: not at all.
}

struct ClaimAnswer {
  union {
    nothingDue @0 :Void;
    run @1 :ClaimedRun;
    rejection @2 :Rejection;
    unknown @3 :Text;  # It is not known whether a run was started: repeat the claim with the same id.
  }
}

# A started attempt, and what its worker has to know.
struct ClaimedRun {
  started @0 :Reply;
  workspace @1 :Text;
  tenant @2 :Text;  # Empty: none.
  type @3 :Text;
  input @4 :Text;  # Canonical JSON.
  lease @5 :Int64;  # Microseconds.
}

struct Count {
  key @0 :Text;
  value @1 :UInt64;
}

struct FailureNote {
  reasonCode @0 :Text;
  message @1 :Text;
}

# Every filter that is set must hold; an empty text is none.
struct RunFilter {
  workspace @0 :Text;
  tenant @1 :Text;
  type @2 :Text;
  status @3 :Text;
  outcome @4 :Text;
  hasSince @5 :Bool;
  hasUntil @6 :Bool;
  since @7 :Int64;  # Both in microseconds since 1970.
  until @8 :Int64;
}

# Every filter that is set must hold; an empty text or id is none.
struct EventFilter {
  run @0 :Uuid;
  tenant @1 :Text;
  type @2 :Text;
  kind @3 :Text;  # "requested", "deduped", "attempt-started", "attempt-finished" or "failed".
}

struct AsOf {
  union {
    now @0 :Void;
    sequence @1 :UInt64;  # Of the caller's own counting.
    time @2 :Int64;       # Microseconds since 1970: after the last event recorded at or before it.
  }
}

struct Explanation {
  identity @0 :Data;  # 32 bytes.
  answer @1 :Answer;  # Without positions: nothing has happened.
  namesRun @2 :Bool;
  # What the ledger knows of the identity.
  activeRun @3 :Uuid;
  lastRun @4 :Uuid;
  hasCooldownUntil @5 :Bool;
  cooldownUntil @6 :Int64;  # Microseconds since 1970.
  decidedBy @7 :UInt64;     # The event that put it so; 0: none.
}

struct RunRow {
  run @0 :Uuid;
  row @1 :Data;  # row.capnp, but for the sequences where the caller counts its scope's.
}

struct Answer {
  union {
    reply @0 :Reply;
    rejection @1 :Rejection;
    unknown @2 :Text;  # It is not known whether the command took effect: repeat it with the same id.
  }
}

# As docs/cli.md tells it of the commands' answers.
struct Reply {
  verdict @0 :Text;
  rule @1 :Text;  # Empty: none.
  run @2 :Uuid;
  attempt @3 :UInt32;
  token @4 :UInt64;
  hasRetryAfter @5 :Bool;
  retryAfter @6 :Int64;  # Microseconds.
  sequence @7 :UInt64;
  status @8 :Text;
  outcome @9 :Text;
  repeated @10 :Bool;
  events @11 :UInt32;  # How many were appended for it.
}

struct Rejection {
  code @0 :Text;
  detail @1 :Text;
}

struct SeenEvent {
  envelope @0 :Data;  # As the log has it (event.capnp), but for the sequence where the caller counts its scope's.
  eventId @1 :Uuid;
}
