// The newest checkpoint and the hashes of the tree under it over HTTP, as C2SP's tlog-tiles defines them.
//
// Source: https://c2sp.org/tlog-tiles. Entry bundles are not served, because they would have every event in them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/log/hash_tiles.h"
#include "tools/daemon/http/message.h"

namespace runledger {

// What is served. Any thread may call the functions, and they may block for as long as a read.
struct TreeReads {
  // Code "checkpoint.absent".
  std::function<Result<std::string>()> checkpoint;
  // Code "tile.not_found".
  std::function<Result<std::string>(const TileRange& range)> tile;
};

// Reads the path after "/tile/": the level, and the rest as in "x001/x234/067" or "x001/x234/067.p/8". Every tile has
// one path; any other text gives nullopt.
[[nodiscard]] std::optional<TileRange> parse_tile_path(std::string_view level, std::string_view rest);

// Whose caches may keep tiles: everybody's, or only that of a caller that had to show a token.
enum class TileCaching { kShared, kPrivate };

[[nodiscard]] HttpResponse checkpoint_response(const TreeReads& reads);
// A tile never changes, so it may be kept for long.
[[nodiscard]] HttpResponse tile_response(const TreeReads& reads, std::string_view level, std::string_view rest,
                                         TileCaching caching);

}  // namespace runledger
