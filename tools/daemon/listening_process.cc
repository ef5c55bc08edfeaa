// Looks for the numbers of the listening sockets among the files of the process.
#include "tools/daemon/listening_process.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kListening = "0A";

// Adds the sockets that listen on the port, in the form in which a link in /proc/PID/fd names them. A line has a
// number, the local address and port, the remote ones, the state, five more fields, and the number of the socket.
void add_listening(const std::string& table, std::uint16_t port, std::set<std::string>& sockets) {
  const std::string end = fmt::format(":{:04X}", port);
  std::ifstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string number, local, remote, state, queues, timer, retransmitted, user, timeout, socket;
    fields >> number >> local >> remote >> state >> queues >> timer >> retransmitted >> user >> timeout >> socket;
    if (state == kListening && local.ends_with(end)) sockets.insert(fmt::format("socket:[{}]", socket));
  }
}

}  // namespace

bool listens_on(pid_t process, std::uint16_t port) {
  const fs::path of_process = fmt::format("/proc/{}", process);
  std::set<std::string> sockets;
  for (const char* table : {"net/tcp", "net/tcp6"}) add_listening(of_process / table, port, sockets);
  std::error_code error;
  for (fs::directory_iterator file(of_process / "fd", error), end; !error && file != end; file.increment(error)) {
    std::error_code closed;  // Meanwhile.
    if (sockets.contains(fs::read_symlink(file->path(), closed).native())) return true;
  }
  return false;
}

}  // namespace runledger
