// The key that lets codecs restore checked values from stored bytes without checking them again.
#pragma once

namespace runledger {

// Text was sanitised and names were checked before they were stored. Doing that again on every read would cost more
// than the read, and a stricter later rule must not make an old event unreadable. Only codecs can make this key.
class FromLog {
 private:
  FromLog() = default;

  friend class EventCodec;  // ledger/log/codec.cc
  friend class StateCodec;  // ledger/log/state_codec.cc
  friend class RowCodec;    // projections/rows/codec.cc
};

}  // namespace runledger
