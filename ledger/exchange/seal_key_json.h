// The lines of an export that carry the keys of a sealed ledger's tenants.
#pragma once

#include <string>
#include <string_view>

#include "ledger/sealing/seal_key_file.h"
#include "ledger/values/rejection.h"

namespace runledger {

// Returns {"kind":"seal-key","key":ID,"workspace_id":W,"tenant_id":T,"seal_key":HEX}, a secret: it must be in no log
// and no message.
[[nodiscard]] std::string seal_key_to_json(const TenantKey& key);

// Whether the line is meant to carry such a key, right or wrong. An event is not.
[[nodiscard]] bool is_seal_key_line(std::string_view line);

// The reverse of seal_key_to_json(). Code "seal_key.malformed"; the text of a rejection holds nothing of the line.
[[nodiscard]] Result<TenantKey> seal_key_from_json(std::string_view line);

}  // namespace runledger
