// The master key of a sealed ledger, under which the key of its key file is wrapped: in a file, or kept by a command.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "ledger/values/aes_gcm.h"

namespace runledger {

// A file of 32 bytes, readable by its owner only. A relative path begins at the ledger's directory.
struct MasterKeyFile {
  std::filesystem::path path;
  friend bool operator==(const MasterKeyFile&, const MasterKeyFile&) = default;
};

// A command for the shell, such as a client of a key management service. It is called with the word "wrap" or "unwrap"
// added. To wrap, it gets a key as one line of base64 on standard input, and writes one line of at most 16 KiB, of its
// own form, to standard output. To unwrap, it gets that line, and writes the key's. It has 30 seconds.
struct MasterKeyCommand {
  std::string command;
  friend bool operator==(const MasterKeyCommand&, const MasterKeyCommand&) = default;
};

using MasterKey = std::variant<MasterKeyFile, MasterKeyCommand>;

// Makes the file, with a random key, if there is none. Does nothing for a command. Throws as open_own() does.
void make_master_key(const MasterKey& master, const std::filesystem::path& ledger);

// Return the wrapped form of a key, which is printable, and the key. Throw Failure "seal.master_unavailable" when there
// is no file or the command fails, "seal.master_wrong" when the master key is not the one that wrapped the key, and as
// open_own() does.
[[nodiscard]] std::string wrap_key(const MasterKey& master, const std::filesystem::path& ledger, const AesGcmKey& key);
[[nodiscard]] AesGcmKey unwrap_key(const MasterKey& master, const std::filesystem::path& ledger,
                                   std::string_view wrapped);

}  // namespace runledger
