// Asks OpenSSL's generator, which is one per thread.
#include "ledger/values/random_bytes.h"

#include <openssl/rand.h>

#include "ledger/base/failure.h"

namespace runledger {

void fill_random(unsigned char* bytes, std::size_t count) {
  if (RAND_bytes(bytes, static_cast<int>(count)) != 1)
    throw Failure(Remedy::kCallOperator, "random.unavailable", "OpenSSL gave no random bytes");
}

}  // namespace runledger
