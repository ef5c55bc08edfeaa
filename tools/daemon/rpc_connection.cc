// How calls fail.
#include "tools/daemon/rpc_connection.h"

#include <fmt/format.h>

#include "ledger/rpc_words.h"

namespace runledger {
namespace {

[[noreturn]] void end_call(kj::Exception::Type type, const std::string& text) {
  kj::throwFatalException(kj::Exception(type, __FILE__, __LINE__, kj::heapString(text.c_str(), text.size())));
}

}  // namespace

void fail_call(const Rejection& rejection) {
  end_call(kj::Exception::Type::FAILED, words::refusal_text(rejection));
}

void fail_call(std::string_view code, std::string_view detail) {
  fail_call(reject(code, detail));
}

void fail_call(const Failure& failure) {
  end_call(kj::Exception::Type::FAILED, words::refusal_text(failure));
}

void overload_call(std::string_view what) {
  end_call(kj::Exception::Type::OVERLOADED, fmt::format("overloaded: too many {} on this connection", what));
}

}  // namespace runledger
