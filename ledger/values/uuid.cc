// UUIDs by Boost.Uuid, which only this file includes.
#include "ledger/values/uuid.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/uuid/entropy_error.hpp>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "ledger/base/ascii.h"
#include "ledger/base/failure.h"

namespace runledger {
namespace {

constexpr std::size_t kUuidTextSize = 36;

Uuid from_boost(const boost::uuids::uuid& value) {
  Uuid ours;
  std::copy(value.begin(), value.end(), ours.bytes.begin());
  return ours;
}

boost::uuids::uuid to_boost(const Uuid& value) {
  boost::uuids::uuid theirs{};
  std::copy(value.bytes.begin(), value.bytes.end(), theirs.begin());
  return theirs;
}

// Boost also accepts other forms, in braces or without hyphens.
bool is_hyphenated(std::string_view text) {
  if (text.size() != kUuidTextSize) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !is_hex_digit(text[i])) return false;
  }
  return true;
}

}  // namespace

std::string format_uuid(const Uuid& value) {
  return boost::uuids::to_string(to_boost(value));
}

Result<Uuid> parse_uuid(std::string_view text, std::string_view field) {
  if (is_hyphenated(text)) return from_boost(boost::uuids::string_generator()(text.begin(), text.end()));
  return reject(fmt::format("{}.invalid", field),
                fmt::format("{}: expected a UUID in the form 8-4-4-4-12 hex digits, found \"{}\"", field, text));
}

Uuid random_uuid() {
  try {
    // A generator for each call keeps no state, so threads need no lock.
    return from_boost(boost::uuids::random_generator_pure()());
  } catch (const boost::uuids::entropy_error&) {
    throw Failure(Remedy::kCallOperator, "random.unavailable", "the operating system gave no random bytes");
  }
}

Uuid name_based_uuid(const Uuid& space, std::string_view name) {
  return from_boost(boost::uuids::name_generator_sha1(to_boost(space))(name.data(), name.size()));
}

Uuid custom_uuid(Uuid content) {
  content.bytes[6] = static_cast<unsigned char>((content.bytes[6] & 0x0FU) | 0x80U);
  content.bytes[8] = static_cast<unsigned char>((content.bytes[8] & 0x3FU) | 0x80U);
  return content;
}

}  // namespace runledger
