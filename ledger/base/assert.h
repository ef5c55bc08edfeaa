// The assertion for our own bugs. It stays on in release builds and ends the process.
#pragma once

namespace runledger {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace runledger

// For bugs only. Outside input is answered with a Rejection before it can reach an assertion.
#define RUNLEDGER_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::runledger::assertion_failed(#expression, __FILE__, __LINE__))
