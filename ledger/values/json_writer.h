// Writes JSON objects whose members stay in the order in which they are given.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace runledger {

// Appends to one string. Requires that every begin is ended. Texts must be valid UTF-8.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::uint64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  // JSON that is written already.
  JsonWriter& json(std::string_view value);

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void separate();

  std::string out_;
};

}  // namespace runledger
