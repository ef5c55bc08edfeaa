// Every path is read leniently, written back, and compared.
#include "tools/daemon/http/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "ledger/base/ascii.h"
#include "ledger/values/number.h"
#include "tools/daemon/http/problem.h"

namespace runledger {
namespace {

constexpr unsigned kLevelMax = 63;
constexpr std::string_view kPartial = ".p/";
constexpr std::size_t kDigitsMax = 18;  // Of an index: three digits in each of six elements. None overflows.

std::optional<std::uint64_t> parse_within(std::string_view text, std::uint64_t most) {
  const Result<std::uint64_t> number = parse_number(text, "number", {.max = most});
  return number ? std::optional(*number) : std::nullopt;
}

// "x001/x234/067" for 1234067.
std::string format_index(std::uint64_t index) {
  std::string text = fmt::format("{:03}", index % 1000);
  for (index /= 1000; index != 0; index /= 1000) text = fmt::format("x{:03}/{}", index % 1000, text);
  return text;
}

std::string format_rest(const TileRange& range) {
  std::string text = format_index(range.index);
  if (range.width != kTileHashes) text += fmt::format("{}{}", kPartial, range.width);
  return text;
}

}  // namespace

std::optional<TileRange> parse_tile_path(std::string_view level, std::string_view rest) {
  TileRange range;
  const std::size_t partial = std::min(rest.find(kPartial), rest.size());
  std::string digits;
  std::copy_if(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(partial), std::back_inserter(digits), is_digit);
  const auto of_level = parse_within(level, kLevelMax);
  const auto index =
      digits.size() <= kDigitsMax ? parse_within(digits, std::numeric_limits<std::uint64_t>::max()) : std::nullopt;
  const auto width = partial == rest.size() ? std::optional<std::uint64_t>(kTileHashes)
                                            : parse_within(rest.substr(partial + kPartial.size()), kTileHashes - 1);
  if (!of_level || !index || !width || *width == 0) return std::nullopt;
  range = {static_cast<unsigned>(*of_level), *index, static_cast<std::size_t>(*width)};
  if (std::to_string(range.level) != level || format_rest(range) != rest) return std::nullopt;
  return range;
}

HttpResponse checkpoint_response(const TreeReads& reads) {
  Result<std::string> note = reads.checkpoint();
  if (!note) return problem(note.rejection());
  return {.status = 200, .content_type = "text/plain; charset=utf-8", .body = *std::move(note)};
}

HttpResponse tile_response(const TreeReads& reads, std::string_view level, std::string_view rest, TileCaching caching) {
  const std::optional<TileRange> range = parse_tile_path(level, rest);
  if (!range) return problem(reject("tile.not_found", "expected the path of a tile: /tile/LEVEL/INDEX[.p/WIDTH]"));
  Result<std::string> hashes = reads.tile(*range);
  if (!hashes) return problem(hashes.rejection());
  return {.status = 200,
          .content_type = "application/octet-stream",
          .cache_control =
              fmt::format("{}, max-age=31536000, immutable", caching == TileCaching::kShared ? "public" : "private"),
          .body = *std::move(hashes)};
}

}  // namespace runledger
