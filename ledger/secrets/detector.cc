// Scans the folded text once and, at each character that may betray a secret, checks whether there is one.
//
// kTriggers maps every byte to the kind of secret that it may be part of; most bytes map to none, so that ordinary text
// costs two table lookups a byte: this one, and that of the prefixes of tokens, by their last two characters. A trigger
// is a character that all secrets of a kind contain, such as the "=" of an assignment or the J of a web token's "eyJ",
// rather than their first character, which is often a common letter. At a trigger, Scanner::secret_at() calls the
// functions of shapes.h, assignments.h and command_lines.h for that kind. They look back and forward from the trigger
// and return the bytes of the secret. Those of phrases.h see every space. What is in brackets may hold several secrets:
// calls.h and embedded_json.h look ahead at the opening one, and the scanner keeps what they find. Where a character
// may belong to several kinds, they are tried in a fixed order, and the first match wins.
//
// A secret may begin before its trigger, and may thus overlap the one before. The scanner clips it at `floor_`, the end
// of the last secret, and continues after its end. Two invariants follow: the returned spans are ascending and
// disjoint, which redact_once() needs to copy the text between them; and positions only ascend, which the shapes and
// the assignments need to keep the whole scan linear in the length of the text.
//
// redact_secrets() repeats the scan on its own result, because a replacement changes what surrounds it. Only this loop
// makes contains_secret(redact_secrets(x)) false for every x.
#include "ledger/secrets/detector.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "ledger/base/ascii.h"
#include "ledger/base/utf8.h"
#include "ledger/secrets/announced_values.h"
#include "ledger/secrets/assignments.h"
#include "ledger/secrets/calls.h"
#include "ledger/secrets/command_lines.h"
#include "ledger/secrets/embedded_json.h"
#include "ledger/secrets/folded_text.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/phrases.h"
#include "ledger/secrets/shapes.h"
#include "ledger/secrets/tokens.h"

namespace runledger {

namespace {

// The kind of secret that a character may be part of.
enum class Trigger : unsigned char {
  kNone,
  kSeparator,    // = :
  kHyphen,       // -
  kDot,          // .
  kUnderscore,   // _
  kWebToken,     // J
  kProviderKey,  // K S B C Z z Q: the second characters of AKIA and of Azure's marks.
  kTilde,        // ~
  kSlash,        // /
  kQuote,        // " ' `
  kElementEnd,   // >
  kBracket,      // < [ { }
  kParticle,     // The last bytes of は 是 为 為.
  kSpace,
  kComma,
  kParenthesis,  // (
  kExclamation,  // !
  kPipe,
  kAt,
};

constexpr std::array<Trigger, 256> make_triggers() {
  std::array<Trigger, 256> triggers{};
  const auto set = [&](std::string_view characters, Trigger trigger) {
    for (const char c : characters) triggers[static_cast<unsigned char>(c)] = trigger;
  };
  set("=:", Trigger::kSeparator);
  set("-", Trigger::kHyphen);
  set(".", Trigger::kDot);
  set("_", Trigger::kUnderscore);
  set("J", Trigger::kWebToken);
  set("KSBCZzQ", Trigger::kProviderKey);
  set("~", Trigger::kTilde);
  set("/", Trigger::kSlash);
  set("\"'`", Trigger::kQuote);
  set(">", Trigger::kElementEnd);
  set("<[{}", Trigger::kBracket);
  set(" \t\r\n", Trigger::kSpace);
  set("\xAF\xBA", Trigger::kParticle);
  set(",", Trigger::kComma);
  set("(", Trigger::kParenthesis);
  set("!", Trigger::kExclamation);
  set("|", Trigger::kPipe);
  set("@", Trigger::kAt);
  return triggers;
}

constexpr std::array<Trigger, 256> kTriggers = make_triggers();

// Secrets that a look ahead has found, until the scan comes to them. Ascending. The next look of the same kind begins
// close to the end of the last one, so that few secrets are kept when it adds to them.
class SecretsAhead {
 public:
  // Returns nullopt: they are no secrets of this position.
  std::optional<TextSpan> add(const std::vector<TextSpan>& secrets) {
    if (secrets.empty()) return std::nullopt;
    spans_.erase(spans_.begin(), spans_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = 0;
    spans_.insert(spans_.end(), secrets.begin(), secrets.end());
    return std::nullopt;
  }

  // Returns the first secret that begins at the position or before it.
  std::optional<TextSpan> take(std::size_t position) {
    if (next_ >= spans_.size() || position < spans_[next_].begin) return std::nullopt;
    return spans_[next_++];
  }

 private:
  std::vector<TextSpan> spans_;
  std::size_t next_ = 0;
};

class Scanner {
 public:
  explicit Scanner(std::string_view text)
      : text_(text),
        shapes_(text),
        assignments_(text),
        commands_(text),
        phrases_(text),
        calls_(text),
        json_(text, contains_secret) {}

  // Returns the next secret after the last one that is recognised at a position before `until`, or nullopt when there
  // is none. A later call goes on from there.
  std::optional<TextSpan> next(std::size_t until) {
    for (; position_ < until; ++position_) {
      const char c = text_[position_];
      const Trigger trigger = kTriggers[static_cast<unsigned char>(c)];
      std::optional<TextSpan> span = secret_ahead();
      if (!span && trigger != Trigger::kNone) span = secret_at(trigger);
      if (!span && position_ > 0 && tokens_.may_end_prefix(text_[position_ - 1], c))
        span = tokens_.find(text_, position_);
      if (!span || span->end <= floor_) continue;
      span->begin = std::max(span->begin, floor_);
      floor_ = span->end;
      position_ = std::max(position_ + 1, span->end);
      return span;
    }
    return std::nullopt;
  }

 private:
  std::optional<TextSpan> secret_at(Trigger trigger) {
    switch (trigger) {
      case Trigger::kNone:
        return std::nullopt;
      case Trigger::kSeparator:
        return text_[position_] == ':' ? at_colon() : at_equals();
      case Trigger::kHyphen:
        return at_hyphen();
      case Trigger::kDot:
        return shapes_.discord_token(position_);
      case Trigger::kUnderscore:
        return shapes_.maxmind_key(position_);
      case Trigger::kWebToken:
        return shapes_.web_token(position_);
      case Trigger::kProviderKey:
        return at_provider_key();
      case Trigger::kTilde:
        return shapes_.azure_client_secret(position_);
      case Trigger::kSlash:
        return at_slash();
      case Trigger::kQuote:
        return assignments_.quoted_value(position_);
      case Trigger::kElementEnd:
        return at_element_end();
      case Trigger::kBracket:
        return at_bracket();
      case Trigger::kParticle:
        return assignments_.value_beside(position_);
      case Trigger::kSpace:
        return at_space();
      case Trigger::kComma:
        return assignments_.argument_value(position_);
      case Trigger::kParenthesis:
        return in_calls_.add(calls_.secrets_in(position_));
      case Trigger::kExclamation:
        return shapes_.salesforce_session(position_);
      case Trigger::kPipe:
        return commands_.piped_password(position_);
      case Trigger::kAt:
        return commands_.login_password(position_);
    }
    return std::nullopt;
  }

  std::optional<TextSpan> at_colon() {
    const char before = position_ > 0 ? text_[position_ - 1] : ' ';
    const char behind = position_ + 1 < text_.size() ? text_[position_ + 1] : ' ';
    std::optional<TextSpan> span;
    if (behind == '/') span = shapes_.url_password(position_);
    if (!span && (before == 'n' || before == 'i')) span = shapes_.oracle_password(position_);
    if (!span && behind == 'A') span = shapes_.telegram_token(position_);
    if (!span && before == 's') span = shapes_.putty_key(position_);
    if (!span && behind == ':') span = shapes_.password_database_entry(position_);
    if (!span && is_digit(behind)) span = shapes_.password_file_entry(position_);
    if (!span && before == ']') span = relay_password(text_, position_);
    if (!span && before == 'r') span = commands_.share_password(position_);
    return span ? span : assignments_.assigned_value(position_);
  }

  std::optional<TextSpan> at_equals() {
    if (auto span = shapes_.azure_account_key(position_)) return span;
    return assignments_.assigned_value(position_);
  }

  std::optional<TextSpan> at_hyphen() {
    if (auto span = shapes_.private_key(position_)) return span;
    if (auto span = shapes_.mailchimp_key(position_)) return span;
    if (auto span = assignments_.option_value(position_)) return span;
    if (auto span = commands_.option_password(position_)) return span;
    return assignments_.assigned_value(position_);
  }

  std::optional<TextSpan> at_provider_key() {
    if (auto span = shapes_.aws_key(position_)) return span;
    return shapes_.azure_marked_key(position_);
  }

  std::optional<TextSpan> at_element_end() {
    auto span = assignments_.element_value(position_);
    if (position_ > 0 && text_[position_ - 1] == '/') assignments_.end_object();
    return span;
  }

  std::optional<TextSpan> at_space() {
    const auto phrase = phrases_.value_after(position_);  // It looks at every space.
    if (auto span = shapes_.scheme_value(position_)) return span;
    if (auto span = assignments_.spoken_value(position_)) return span;
    return phrase;
  }

  std::optional<TextSpan> at_slash() {
    if (auto span = shapes_.webhook(position_)) return span;
    return commands_.option_password(position_);
  }

  std::optional<TextSpan> at_bracket() {
    const char bracket = text_[position_];
    if (bracket == '<') assignments_.begin_tag(position_);
    if (bracket == '}') assignments_.end_object();
    if (bracket == '{') assignments_.begin_block(position_);
    return bracket == '{' || bracket == '[' ? in_json_.add(json_.secrets_from(position_)) : std::nullopt;
  }

  // The secret at the position, of those that were found ahead.
  std::optional<TextSpan> secret_ahead() {
    if (auto span = in_calls_.take(position_)) return span;
    return in_json_.take(position_);
  }

  std::string_view text_;
  SecretShapes shapes_;
  Assignments assignments_;
  CommandLines commands_;
  Phrases phrases_;
  Calls calls_;
  EmbeddedJson json_;
  SecretsAhead in_calls_;
  SecretsAhead in_json_;
  const TokenIndex& tokens_ = token_index();
  std::size_t position_ = 0;
  std::size_t floor_ = 0;  // The end of the last secret; no later span begins before it.
};

// Copies a text without its secrets, as far as is asked.
class Redaction {
 public:
  explicit Redaction(std::string_view text) : text_(text), folded_(text), scanner_(folded_.view()) {}

  // Looks at the text until the result has `size` bytes or more.
  void extend_to(std::size_t size) {
    constexpr std::size_t kStep = 1024;
    while (!is_whole() && size_of_result() < size) {
      looked_to_ = std::min(looked_to_ + kStep, folded_.view().size());
      while (const auto span = scanner_.next(looked_to_)) replace(folded_.origin_of(*span));
    }
  }

  [[nodiscard]] bool is_whole() const { return looked_to_ == folded_.view().size(); }

  std::string take() && {
    if (origin_end() > kept_to_) redacted_.append(text_.substr(kept_to_, origin_end() - kept_to_));
    return std::move(redacted_);
  }

 private:
  void replace(TextSpan secret) {
    if (secret.end <= kept_to_) return;
    redacted_.append(text_.substr(kept_to_, std::max(secret.begin, kept_to_) - kept_to_));
    redacted_.append(kRedacted);
    kept_to_ = secret.end;
  }

  // The end of what was looked at.
  [[nodiscard]] std::size_t origin_end() const {
    if (is_whole()) return text_.size();
    return looked_to_ == 0 ? 0 : folded_.origin_of({looked_to_ - 1, looked_to_}).end;
  }

  [[nodiscard]] std::size_t size_of_result() const {
    return redacted_.size() + std::max(origin_end(), kept_to_) - kept_to_;
  }

  std::string_view text_;
  FoldedText folded_;
  Scanner scanner_;
  std::size_t looked_to_ = 0;  // In the folded text.
  std::size_t kept_to_ = 0;    // In the text: what is before it was copied or replaced.
  std::string redacted_;
};

std::string redact_once(std::string_view text) {
  Redaction redaction(text);
  redaction.extend_to(std::string_view::npos);
  return std::move(redaction).take();
}

// The beginning of a text in whole characters.
std::string_view beginning(std::string_view text, std::size_t size) {
  while (size > 0 && !begins_character(text[size])) --size;
  return text.substr(0, size);
}

}  // namespace

bool contains_secret(std::string_view text) {
  const FoldedText folded(text);
  return Scanner(folded.view()).next(folded.view().size()).has_value();
}

// The text around a redaction may look like a secret again, in theory without end. A text that still does so after
// kRoundsMax rounds is redacted as a whole. A round that changes nothing found nothing.
std::string redact_secrets(std::string_view text) {
  constexpr int kRoundsMax = 5;
  std::string redacted(text);
  for (int round = 0; round < kRoundsMax; ++round) {
    std::string next = redact_once(redacted);
    if (next == redacted) return redacted;
    redacted = std::move(next);
  }
  return std::string(kRedacted);
}

std::string redact_beginning(std::string_view text, std::size_t size) {
  constexpr std::size_t kLookBackMax = 1024;  // A secret begins at most this far before it is recognised.
  Redaction redaction(text);
  redaction.extend_to(size + kLookBackMax);
  const bool is_whole = redaction.is_whole();
  const std::string redacted = std::move(redaction).take();
  return redact_secrets(is_whole ? redacted : std::string(beginning(redacted, size)) += kEllipsis);
}

}  // namespace runledger
