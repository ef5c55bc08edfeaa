// Buffered output of results, with every write checked, and unbuffered output to standard error for everything else.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace runledger {

// Thrown when the reader of a pipe went away. It needs no message, because no reader wants the rest.
struct OutputClosed {};

// Writes `text` to standard error, and ignores every error (a full disk, a closed descriptor, a reader that went away):
// it is no reason to end the program, and there is no place left to report it. Any thread may use it.
void write_stderr(std::string_view text) noexcept;

// False when the environment asks for no colours: NO_COLOR that is not empty (https://no-color.org), or TERM=dumb.
[[nodiscard]] bool colours_are_welcome() noexcept;

// Buffers at most about kBufferMax bytes. Its owner calls flush() before it reports success; the destructor drops bytes
// that are still unwritten, because it could not report an error. The first error is thrown, and after it nothing more
// is written. Every function that writes throws Failure "output.failed" (a full disk, a closed descriptor) and
// OutputClosed. Used by one thread.
class Output {
 public:
  static constexpr std::size_t kBufferMax = 64 * 1024;

  // `descriptor` is not owned and stays open; `name` is its name in messages.
  Output(int descriptor, std::string name);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // On a terminal, as terminal_text() (terminal_text.h) makes of it: an input or another text of a caller must not
  // control the terminal of the person who looks at it.
  void write(std::string_view text);
  void line(std::string_view text);
  void flush();

  // True when the descriptor is a terminal: a person reads, and not a program.
  [[nodiscard]] bool terminal() const noexcept { return terminal_; }
  // True on a terminal where colours are welcome.
  [[nodiscard]] bool colours() const noexcept { return colours_; }
  // The width of the terminal in characters, at least 1: COLUMNS of the environment, else what the terminal says, else
  // 80. nullopt when the descriptor is no terminal.
  [[nodiscard]] std::optional<std::size_t> columns() const;
  // True when the descriptor is a pipe or socket whose reader went away. Finds it out without writing.
  [[nodiscard]] bool closed() const;

 private:
  void buffer(std::string_view text);
  void write_through(std::string_view text);

  int descriptor_;
  std::string name_;
  bool terminal_;
  bool colours_;
  bool broken_ = false;
  std::string buffer_;
};

}  // namespace runledger
