// The numbers that are kept, against exact decimal arithmetic.
//
// The oracle writes every number out in full, digit by digit and without an exponent, so that comparing texts is
// comparing numbers. It finds the shortest decimal of a float by trying one more digit at a time.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "ledger/values/json.h"

namespace runledger {
namespace {

// Returns 12.50e-3 as "0.0125", and every zero as "0".
std::string in_full(std::string text) {
  const bool negative = text[0] == '-';
  if (negative) text.erase(0, 1);
  int exponent = 0;
  if (const auto mark = text.find_first_of("eE"); mark != std::string::npos) {
    exponent = std::atoi(text.c_str() + mark + 1);
    text.resize(mark);
  }
  std::string fraction;
  if (const auto point = text.find('.'); point != std::string::npos) {
    fraction = text.substr(point + 1);
    text.resize(point);
  }
  for (; exponent > 0; --exponent) {
    text += fraction.empty() ? '0' : fraction[0];
    if (!fraction.empty()) fraction.erase(0, 1);
  }
  for (; exponent < 0; ++exponent) {
    fraction.insert(fraction.begin(), text.empty() ? '0' : text.back());
    if (!text.empty()) text.pop_back();
  }
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  text.erase(0, text.find_first_not_of('0'));
  if (text.empty()) text = "0";
  if (!fraction.empty()) text += "." + fraction;
  return negative && text != "0" ? "-" + text : text;
}

std::string shortest(double value) {
  for (int digits = 0; digits < 17; ++digits) {
    std::string text = fmt::format("{:.{}e}", value, digits);
    if (std::strtod(text.c_str(), nullptr) == value) return text;
  }
  return "";
}

bool is_kept(const std::string& spelling) {
  const double value = std::strtod(spelling.c_str(), nullptr);
  if (!std::isfinite(value) || in_full(spelling) != in_full(shortest(value))) return false;
  return value != std::trunc(value) || std::abs(value) <= 9007199254740992.0;
}

rc::Gen<std::string> digits(int least, int most) {
  return rc::gen::mapcat(rc::gen::inRange(least, most + 1), [](int count) {
    return rc::gen::container<std::string>(static_cast<std::size_t>(count), rc::gen::inRange('0', char{'9' + 1}));
  });
}

// Returns numbers of any length; most of the long ones are not kept.
rc::Gen<std::string> any_spelling() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::arbitrary<bool>(), rc::gen::inRange(1, 10), digits(0, 18), digits(0, 20),
                     rc::gen::elementOf(std::vector<int>{0, 0, 0, 1, -1, 2, -3, 15, -15, 22, -300, -323, 300}),
                     rc::gen::arbitrary<bool>()),
      [](const auto& parts) {
        const auto& [negative, first, more, fraction, exponent, zero] = parts;
        std::string text = negative ? "-" : "";
        text += zero ? "0" : std::to_string(first) + more;
        if (!fraction.empty()) text += "." + fraction;
        return exponent == 0 ? text : text + fmt::format("e{}", exponent);
      });
}

// Returns floats in other words than the shortest, some of them with a digit too much.
rc::Gen<std::string> any_float() {
  return rc::gen::map(rc::gen::tuple(rc::gen::arbitrary<double>(), rc::gen::inRange(0, 4), digits(0, 2)),
                      [](const auto& parts) {
                        const auto& [value, zeros, more] = parts;
                        std::string text = shortest(std::isfinite(value) ? value : 0.5);
                        const std::size_t mark = text.find('e');
                        const std::string tail = std::string(static_cast<std::size_t>(zeros), '0') + more;
                        if (text.find('.') == std::string::npos && !tail.empty()) text.insert(mark, ".");
                        return text.insert(text.find('e'), tail);
                      });
}

RC_GTEST_PROP(ExactNumbers, AreKeptAsTheyAreOrRefused, ()) {
  const std::string spelling = *rc::gen::oneOf(any_spelling(), any_float());
  const auto parsed = parse_json(spelling, {});
  RC_CLASSIFY(is_kept(spelling), "kept");
  RC_ASSERT(static_cast<bool>(parsed) == is_kept(spelling));
  if (parsed) {
    RC_ASSERT(in_full(canonical_json(*parsed)) == in_full(spelling));
  } else {
    RC_ASSERT(parsed.rejection().code == "json.number_out_of_range");
  }
}

}  // namespace
}  // namespace runledger
