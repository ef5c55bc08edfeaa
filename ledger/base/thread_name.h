// The name of a thread, as top -H, ps -L and debuggers show it.
#pragma once

#include <pthread.h>

#include <cstddef>

namespace runledger {

// Names the calling thread. The system keeps 15 characters.
template <std::size_t N>
void name_thread(const char (&name)[N]) {
  static_assert(N <= 16, "the system would refuse a longer name");
  ::pthread_setname_np(::pthread_self(), name);
}

}  // namespace runledger
