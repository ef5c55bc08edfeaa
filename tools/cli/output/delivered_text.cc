// Writes texts to a file or to standard output.
#include "tools/cli/output/delivered_text.h"

#include <fmt/format.h>

#include "ledger/base/utf8.h"
#include "ledger/values/json_writer.h"
#include "tools/cli/output/replaced_file.h"

namespace runledger {

void deliver_text(const Context& context, std::string_view what, std::string_view text, const Typed& output) {
  JsonWriter json;
  if (output) {
    ReplacedFile file(*output);
    file.out().write(text);
    file.commit();
    json.begin_object().member("file", valid_utf8(*output)).end_object();
    context.out.line(context.json() ? json.take() : fmt::format("wrote the {} to {}", what, *output));
  } else if (context.json()) {
    context.out.line(json.begin_object().member(what, text).end_object().take());
  } else {
    context.out.write(text);
  }
}

}  // namespace runledger
