// Where results go: a buffer before a file descriptor, with every write checked. And where everything else goes.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// The reader of a pipe went away. Not worth a message: nobody wants the rest.
struct OutputClosed {};

// Writes `text` to standard error, as far as that can be: what nobody can or wants to read (a full disk, a descriptor
// that is closed, a reader that went away) is no reason to end, and nobody is left to be told. Any thread may use it.
void tell_stderr(std::string_view text) noexcept;

// Holds at most about kBufferMax bytes. Whoever made it calls flush() before reporting success; what the destructor
// finds unwritten is dropped, because it can no longer be reported. After the first error, which is reported, nothing
// more is written.
// Throws Failure "output.failed" (a full disk, a closed descriptor) and OutputClosed.
class Output {
 public:
  static constexpr std::size_t kBufferMax = 64 * 1024;

  // `descriptor` is not owned; `name` is for messages.
  Output(int descriptor, std::string name);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view text);
  void line(std::string_view text);
  void flush();

  // True when it is a terminal: colour is welcome.
  [[nodiscard]] bool terminal() const noexcept { return terminal_; }
  // True when it is a pipe or socket that nobody reads any more.
  [[nodiscard]] bool closed() const;

 private:
  void write_through(std::string_view text);

  int descriptor_;
  std::string name_;
  bool terminal_;
  bool broken_ = false;
  std::string buffer_;
};

}  // namespace runledger
