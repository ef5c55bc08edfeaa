// The pass-key with which codecs restore values that were checked before they were stored, without checking them again.
#pragma once

namespace runledger {

// Text was sanitised and names were checked before they were stored. Repeating these checks on every read would cost
// more than the read itself, and a stricter rule of a later version must not make an old event unreadable. Only the
// codecs named below can construct this key.
class FromLog {
 private:
  FromLog() = default;

  friend class EventCodec;     // ledger/log/codec.cc
  friend class EventJson;      // ledger/exchange/envelope_from_json.cc
  friend class EvidenceCodec;  // ledger/evidence/evidence_lines.cc
  friend class StateCodec;     // ledger/log/state_codec.cc
  friend class ScopeCodec;     // ledger/log/scope_entries.cc
  friend class RowCodec;       // projections/rows/codec.cc
  friend class SealKeyFile;    // ledger/sealing/seal_key_file.cc
};

}  // namespace runledger
