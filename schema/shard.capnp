# The stored form of a record in the log of a shard. These bytes are kept for as long as the log: extend a struct only
# at its end, never renumber or reuse a field, and never change its meaning (docs/cluster.md).
#
# The conventions are those of event.capnp. In the log, the bytes of this struct come after a frame that says that they
# are a record and that they are whole (ledger/shard/record.h).
@0xb1a5f3c07d2e4986;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("runledger::wire");

struct ShardRecord {
  format @0 :UInt16;  # A reader that does not know this format stops, and never passes the record over.

  # Who wrote the record: the epoch, and the number that the bid for it was given.
  epoch @1 :UInt64;
  nonce0 @2 :UInt64;
  nonce1 @3 :UInt64;

  kind :union {
    fence @4 :ShardFence;
    alive @5 :Void;     # The leader is there, and has had nothing to commit for a while.
    resigned @6 :Void;  # The leader writes nothing more in this epoch.
    commit @7 :ShardCommit;
  }
}

struct ShardFence {
  ledger0 @0 :UInt64;
  ledger1 @1 :UInt64;
  shard @2 :UInt32;
  node @3 :Text;     # For people and for redirects; no rule depends on either.
  address @4 :Text;
}

struct ShardCommit {
  number @0 :UInt64;            # Among the commits of its leadership, from 1. Copies have the same.
  first @1 :UInt64;             # The sequence of the first event, or of the next one if there are none.
  rootBefore @2 :Data;          # 32 bytes: the root of the tree over all events before these.
  events @3 :List(Data);        # The stored bytes of each event (event.capnp), in order.
  answers @4 :List(ShardAnswer);
}

# The answer to a command, which cannot be computed from the events.
struct ShardAnswer {
  command0 @0 :UInt64;
  command1 @1 :UInt64;
  record @2 :Data;  # A CommandRecord (state.capnp), as it is stored.
}
