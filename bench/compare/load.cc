// Puts a ledger or a daemon under load, and prints what came of it as JSON.
#include "bench/compare/load.h"

#include <kj/exception.h>
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <map>

namespace {

namespace compare = runledger::compare;

// Carries out what the options say. Throws as the loads do.
void measure(const std::string& way, const compare::Load& load, std::chrono::milliseconds warm_up,
             std::chrono::milliseconds measured) {
  compare::Tally tally(warm_up, measured);
  static const std::map<std::string, void (*)(const compare::Load&, compare::Tally&)> kWays = {
      {"rpc", compare::load_rpc}, {"http", compare::load_http}, {"process", compare::load_process}};
  kWays.at(way)(load, tally);
  std::cout << tally.json() << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs callers in a closed loop: each requests a run, starts it and finishes it, again and again.");
  compare::Load load;
  std::string way = "rpc";
  double warm_up = 1;
  double seconds = 10;
  app.add_option("--way", way, "How the callers reach the ledger")
      ->check(CLI::IsMember(std::vector<std::string>{"rpc", "http", "process"}));
  app.add_option("--socket", load.socket, "The daemon's socket, for rpc");
  app.add_option("--port", load.port, "The daemon's port on 127.0.0.1, for http");
  app.add_option("--token", load.token, "The access token, for http");
  app.add_option("--directory", load.directory, "The ledger's directory, for process");
  app.add_option("--callers", load.callers, "How many callers")->check(CLI::PositiveNumber);
  app.add_option("--connections", load.connections, "How many connections they share, for rpc")
      ->check(CLI::PositiveNumber);
  app.add_option("--batch", load.batch, "How many runs a caller moves with one call, for rpc and process")
      ->check(CLI::PositiveNumber);
  app.add_option("--warm-up", warm_up, "Seconds that do not count");
  app.add_option("--seconds", seconds, "Seconds that count");
  CLI11_PARSE(app, argc, argv);
  try {
    const auto ms = [](double s) { return std::chrono::milliseconds(static_cast<std::int64_t>(s * 1000)); };
    measure(way, load, ms(warm_up), ms(seconds));
    return 0;
  } catch (const kj::Exception& e) {
    std::cerr << kj::str(e).cStr() << "\n";
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
  }
  return 1;
}
