// A text that a command makes for others to keep: a checkpoint, a proof.
#pragma once

#include <string_view>

#include "tools/cli/context.h"
#include "tools/cli/options/options.h"

namespace runledger {

// Writes `text`, which ends with a newline, to the file `output`, whole or not at all, and says so; without a file, to
// standard output. `what` is the word for it in messages, and its member in JSON, where the object has either the text
// or the file's name. Throws as ReplacedFile and Output do.
void deliver_text(const Context& context, std::string_view what, std::string_view text, const Typed& output);

}  // namespace runledger
