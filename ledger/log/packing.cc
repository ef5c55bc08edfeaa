// A packed word is a tag, of which bit n says whether byte n is not zero, and the bytes that are not. After the tag of
// a zero word comes the number of further zero words, and after a word without zero bytes the number of further words
// that are copied as they are.
#include "ledger/log/packing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "ledger/base/damage.h"

namespace runledger {
namespace {

static_assert(std::endian::native == std::endian::little, "Cap'n Proto's words are little-endian");

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
constexpr std::size_t kRunMax = 255;  // Words after the first.

int zero_bytes(std::uint64_t word) {
  int zeros = 0;
  for (std::size_t i = 0; i < kWordBytes; ++i) zeros += ((word >> (8 * i)) & 0xffU) == 0 ? 1 : 0;
  return zeros;
}

// Writes the tag and the bytes of a word. Returns the end of what was written, and the tag.
char* write_word(char* out, std::uint64_t word, unsigned& tag) {
  char* const start = out++;
  tag = 0;
  for (unsigned i = 0; i < kWordBytes; ++i) {
    const auto byte = static_cast<unsigned char>(word >> (8 * i));
    *out = static_cast<char>(byte);  // Overwritten by the next one if it is zero.
    const unsigned bit = byte != 0 ? 1U : 0U;
    tag |= bit << i;
    out += bit;
  }
  *start = static_cast<char>(tag);
  return out;
}

// Counts the words from `begin` on, up to kRunMax, that satisfy `belongs`.
template <class Belongs>
std::size_t run_length(const std::uint64_t* begin, const std::uint64_t* end, const Belongs& belongs) {
  const std::uint64_t* const most = begin + std::min<std::ptrdiff_t>(end - begin, kRunMax);
  return static_cast<std::size_t>(std::find_if_not(begin, most, belongs) - begin);
}

char* pack_words(char* out, const std::uint64_t* in, const std::uint64_t* end) {
  while (in != end) {
    unsigned tag = 0;
    out = write_word(out, *in++, tag);
    if (tag == 0) {
      const std::size_t run = run_length(in, end, [](std::uint64_t word) { return word == 0; });
      *out++ = static_cast<char>(run);
      in += run;
    } else if (tag == 0xffU) {
      const std::size_t run = run_length(in, end, [](std::uint64_t word) { return zero_bytes(word) < 2; });
      *out++ = static_cast<char>(run);
      std::memcpy(out, in, run * kWordBytes);
      out += run * kWordBytes;
      in += run;
    }
  }
  return out;
}

// Where the bytes of a word that are not zero belong: how far each is shifted, from the first to the last.
struct Places {
  unsigned count = 0;
  std::array<unsigned char, kWordBytes> shifts = {};
};

constexpr std::array<Places, 256> places_by_tag() {
  std::array<Places, 256> all;
  for (unsigned tag = 0; tag < all.size(); ++tag) {
    for (unsigned byte = 0; byte < kWordBytes; ++byte) {
      if (((tag >> byte) & 1U) != 0) all[tag].shifts[all[tag].count++] = static_cast<unsigned char>(8 * byte);
    }
  }
  return all;
}

constexpr std::array<Places, 256> kPlaces = places_by_tag();

// Returns the word whose bytes that are not zero are the first ones of `bytes`. Requires eight bytes, used or not.
std::uint64_t spread(unsigned tag, const char* bytes) {
  const Places& places = kPlaces[tag];
  if ((tag & (tag + 1)) == 0 && tag != 0) {  // Most words are small numbers or full.
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, kWordBytes);
    return word & (~std::uint64_t{0} >> (8 * (kWordBytes - places.count)));
  }
  std::uint64_t word = 0;
  for (unsigned i = 0; i < places.count; ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << places.shifts[i];
  }
  return word;
}

class Unpacker {
 public:
  Unpacker(std::string_view packed, std::vector<std::uint64_t>& buffer, std::size_t words_max)
      : rest_(packed), buffer_(buffer), words_max_(words_max) {}

  // Returns how many words there are.
  std::size_t run() {
    while (!rest_.empty()) {
      const unsigned tag = static_cast<unsigned char>(take(1).front());
      *grow(1) = take_word(tag);
      if (tag == 0) {
        const std::size_t run = take_count();
        std::fill_n(grow(run), run, 0);
      } else if (tag == 0xffU) {
        const std::string_view bytes = take(take_count() * kWordBytes);
        std::memcpy(grow(bytes.size() / kWordBytes), bytes.data(), bytes.size());
      }
    }
    return size_;
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) throw_damaged("a stored message ends too early");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::size_t take_count() { return static_cast<unsigned char>(take(1).front()); }
  std::uint64_t take_word(unsigned tag) {
    const std::size_t size = kPlaces[tag].count;
    if (rest_.size() >= kWordBytes) return spread(tag, take(size).data());
    char last[kWordBytes] = {};
    const std::string_view bytes = take(size);
    std::copy(bytes.begin(), bytes.end(), last);
    return spread(tag, last);
  }
  // Makes room for `count` words and returns the first of them.
  std::uint64_t* grow(std::size_t count) {
    if (count > words_max_ - size_) throw_damaged("a stored message has an impossible length");
    if (size_ + count > buffer_.size()) buffer_.resize(std::max(2 * buffer_.size(), size_ + count));
    size_ += count;
    return buffer_.data() + (size_ - count);
  }

  std::string_view rest_;
  std::vector<std::uint64_t>& buffer_;
  const std::size_t words_max_;
  std::size_t size_ = 0;
};

// The number of segments less one, and the words of the first.
std::uint64_t segment_table(std::size_t words) {
  return std::uint64_t{words} << 32U;
}

}  // namespace

std::string pack(std::span<const std::uint64_t> words) {
  const std::uint64_t table = segment_table(words.size());
  std::string packed((words.size() + 1) * (kWordBytes + 2), '\0');  // No word takes more than a tag and a count.
  char* end = pack_words(packed.data(), &table, &table + 1);
  end = pack_words(end, words.data(), words.data() + words.size());
  packed.resize(static_cast<std::size_t>(end - packed.data()));
  return packed;
}

std::span<const std::uint64_t> unpack(std::string_view packed, std::vector<std::uint64_t>& buffer,
                                      std::size_t words_max) {
  const std::size_t size = Unpacker(packed, buffer, words_max + 1).run();
  if (size == 0 || buffer.front() != segment_table(size - 1)) {
    throw_damaged("a stored message has a length that its segment table does not name");
  }
  return {buffer.data() + 1, size - 1};
}

}  // namespace runledger
