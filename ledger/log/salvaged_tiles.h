// The hashes of events that the tiles of a damaged ledger have, read without changing anything.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "ledger/values/digest.h"

namespace runledger {

// Gives the hash of each leaf, from the first event on. The hashes are unchecked: they count once the tree that they
// make has a root that is known. For one thread; throws nothing.
class SalvagedTiles {
 public:
  explicit SalvagedTiles(const std::filesystem::path& ledger);
  ~SalvagedTiles();
  SalvagedTiles(const SalvagedTiles&) = delete;
  SalvagedTiles& operator=(const SalvagedTiles&) = delete;

  // The hash of the next event; absent from the first one on that the tiles do not have, or that cannot be read.
  [[nodiscard]] std::optional<Digest<32>> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
