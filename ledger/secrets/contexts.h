// Judges a name and a value by the text around them: which belong to a sentence, a synopsis or a length.
#pragma once

#include <cstddef>
#include <string_view>

#include "ledger/secrets/folded_text.h"

namespace runledger {

// All functions take folded text (folded_text.h), and read a bounded number of characters.

// True for a word of letters that another follows: "campo obligatorio". It begins a sentence.
[[nodiscard]] bool begins_sentence(std::string_view text, TextSpan word);

// True when the word and the next one go on with a sentence: "signature verification failed".
[[nodiscard]] bool are_in_sentence(std::string_view text, TextSpan word);

// True for the name of a key, a token or the like and the name of one after it: api-key:billing-importer, token:read.
[[nodiscard]] bool is_name_beside(std::string_view name, std::string_view value);

// True for the words of a synopsis, --password[=name], for a name whose value is optional, ${NAME:?message}, and for a
// question before the name of a file, "Wrong password? : a.zip".
[[nodiscard]] bool is_usage(std::string_view text, std::size_t name, std::size_t separator);

// True for a word in capitals after an option, which stands for its value: [--token TOKEN], --api-key KEY  the key.
[[nodiscard]] bool is_word_of_usage(std::string_view text, std::size_t begin);

// True when the words before and after the space are not one name: in "api-client token=…", the first one only tells,
// in a text, whose token it is.
[[nodiscard]] bool is_word_of_text(std::string_view name, std::size_t space);

// True for a number that tells the length of a secret: "password: 24 bytes", "8-64 characters", 8文字以上.
[[nodiscard]] bool is_length(std::string_view text, TextSpan value);

// True for a name in small letters that a colon follows, as in a nested object of YAML: "chpasswd: list: …".
[[nodiscard]] bool is_next_name(std::string_view text, TextSpan word);

// True for a word of letters before another word: "token: Query OK", "The Secret: Dare to Dream".
[[nodiscard]] bool is_word_in_text(std::string_view text, TextSpan word);

// True when the last letter before the position is a capital.
[[nodiscard]] bool is_upper_before(std::string_view text, std::size_t position);

// True for "name=…", with which another assignment begins.
[[nodiscard]] bool begins_assignment(std::string_view value);

// True for a value that is the name again, as in "token = token".
[[nodiscard]] bool repeats_name(std::string_view name, std::string_view value);

// True when the name before `begin` is a parameter in the query of a URL.
[[nodiscard]] bool is_parameter(std::string_view text, std::size_t begin);

// True for a cookie that holds a setting of its user, or for an attribute of one: theme=dark, Max-Age=3600.
[[nodiscard]] bool is_setting(std::string_view cookie);

}  // namespace runledger
