// One declaration for each option.
#include "tools/cli/options/global_options.h"

namespace runledger {
namespace {

void declare_connection(Options& options, TypedConnect& connect) {
  options.text(
      "--connect", "ADDRESS",
      "Use the daemon at unix:PATH, tls:HOST:PORT, or tcp:HOST:PORT, which is not encrypted (default: one that "
      "runs on --data)",
      connect.address);
  options.text("--token-file", "FILE", "The file that holds the token for --connect", connect.token_file);
  options.text("--tls-ca", "FILE", "The CAs to trust with tls: (default: those that this system trusts)",
               connect.tls_ca);
  options.text("--client-cert", "FILE", "The certificate to show with tls:, where the daemon wants one",
               connect.client_cert);
  options.text("--client-key", "FILE", "The key of --client-cert", connect.client_key);
}

}  // namespace

void TypedGlobals::declare(Options& options) {
  options.text("--data", "DIR", "The ledger's directory (default ./runledger-data)", data);
  options.text("--catalog", "FILE",
               "Types of your own, beside the built-in ones; after `import` it is that command's own option", catalog);
  declare_connection(options, connect);
  options.text("--spool", "DIR",
               "Where exec keeps the runs that it carried out without the ledger (default: spool in --data; none with "
               "--connect)",
               spool);
  options.text("-f,--format", "text|json|csv|tsv",
               "How results are printed: for people (table is the same), as JSON, or in columns where a command lists",
               format);
  options.value("--config", "FILE",
                "Options from a TOML file (default: /etc/runledger/runledger.toml, where it exists); the command line "
                "has the last word",
                config);
}

}  // namespace runledger
