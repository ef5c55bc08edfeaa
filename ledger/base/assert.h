// The assertion for our own bugs. It stays on in release builds and aborts the process.
#pragma once

namespace runledger {

// Prints one line to standard error and aborts. Callers use the macro.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace runledger

// Use it for bugs only: outside input is refused with a Rejection before it can reach an assertion.
#define RUNLEDGER_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::runledger::assertion_failed(#expression, __FILE__, __LINE__))
