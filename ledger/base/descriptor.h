// A file descriptor that closes on destruction.
#pragma once

#include <unistd.h>

#include <utility>

namespace runledger {

// Owns the descriptor. Moving transfers it; move assignment swaps the two, so the old one closes with `other`.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) noexcept : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() { close(); }

  // Returns -1 when no descriptor is open, which poll() ignores.
  [[nodiscard]] int get() const noexcept { return value_; }
  [[nodiscard]] bool is_open() const noexcept { return value_ >= 0; }
  // Returns the descriptor and gives it up: the caller must close it.
  [[nodiscard]] int release() noexcept { return std::exchange(value_, -1); }
  // Does nothing when no descriptor is open. Ignores the error that close(2) may report.
  void close() noexcept {
    if (value_ >= 0) ::close(value_);
    value_ = -1;
  }

 private:
  int value_;
};

}  // namespace runledger
