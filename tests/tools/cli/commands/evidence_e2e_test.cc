// Checkpoints and proofs as an auditor meets them: made by the program, checked by it and by Go's packages, and each
// known way to forge a ledger.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

namespace fs = std::filesystem;

class Evidence : public testing::Test {
 protected:
  Evidence() : key(key_of(ledger.data())) { append(5); }

  [[nodiscard]] static std::string key_of(const fs::path& data) {
    const ProgramResult shown = run_program({program_path(), "--data", data, "audit", "key", "show"});
    EXPECT_EQ(shown.status, 0) << shown.err;
    return lines_of(shown.out).at(0);
  }

  // Returns a run with three events.
  std::string worked_run() {
    const std::string run = ledger.request(R"({"n":)" + std::to_string(++requested) + "}");
    (void)ledger.finish(run, ledger.start(run), {"--outcome", "succeeded"});
    return run;
  }
  void append(int count) {
    for (; count > 0; --count) ledger.request(R"({"n":)" + std::to_string(++requested) + "}");
  }
  [[nodiscard]] std::string path(const std::string& name) const { return ledger.directory() / name; }
  // Write files, and return their paths.
  std::string checkpoint(const std::string& name) const {
    EXPECT_EQ(ledger.json({"checkpoint", "-o", path(name)}).at("file"), path(name));
    return path(name);
  }
  std::string prove(const Arguments& what, const std::string& name) const {
    Arguments arguments{"prove", "-o", path(name)};
    arguments.insert(arguments.end(), what.begin(), what.end());
    EXPECT_EQ(ledger.json(arguments).at("file"), path(name));
    return path(name);
  }
  [[nodiscard]] ProgramResult verify_proof(const std::string& file) const {
    return run_program({program_path(), "verify", "--proof", file, "--key", key});
  }
  // Returns what `verify --checkpoint` finds on a ledger: "STATUS CODE,CODE…".
  [[nodiscard]] std::string found(const fs::path& data, const std::string& file) const {
    const ProgramResult result =
        run_program({program_path(), "--data", data, "--format", "json", "verify", "--checkpoint", file, "--key", key});
    const auto report = nlohmann::json::parse(result.out, nullptr, false);
    std::string codes;
    if (report.is_object() && report.contains("findings")) {
      for (const auto& finding : report.at("findings")) codes += " " + finding.at("code").get<std::string>();
    } else {
      codes = " " + error_code(result);
    }
    return std::to_string(result.status) + codes;
  }
  [[nodiscard]] std::vector<std::string> checked_by_go(Arguments files) const {
    files.insert(files.begin(), {check_evidence_path(), key});
    const ProgramResult result = run_program(files);
    EXPECT_EQ(result.status, 0) << result.err;
    return lines_of(result.out);
  }

  CliLedger ledger;
  std::string key;
  int requested = 0;
};

TEST_F(Evidence, IsAcceptedByGosPackagesForTransparencyLogs) {
  const std::string old = checkpoint("old");
  append(14);
  const std::string first = prove({"--event", "1"}, "first");
  const std::string middle = prove({"--event", "13"}, "middle");
  const std::string last = prove({"--event", "19"}, "last");
  const std::string extension = prove({"--consistency", old}, "extension");
  const std::string same = prove({"--consistency", checkpoint("new")}, "same");
  const std::string run = prove({"--run", worked_run()}, "run");
  EXPECT_THAT(checked_by_go({old, first, middle, last, extension, same, run}),
              ElementsAre("checkpoint of 5", "event 1 of 19", "event 13 of 19", "event 19 of 19",
                          "extension of 5 to 19", "extension of 19 to 19", "run of 3 events of 22"));
  for (const std::string& file : {first, middle, last, extension, same, run})
    EXPECT_EQ(verify_proof(file).status, 0) << read_file(file);
}

TEST_F(Evidence, WithAnyOtherByteIsRefusedByGosPackagesAndByTheProgram) {
  const std::string old = checkpoint("old");
  append(3);
  Arguments changed;
  for (const std::string& file : {old, prove({"--event", "4"}, "event"), prove({"--consistency", old}, "extension"),
                                  prove({"--run", worked_run()}, "run")}) {
    const std::string text = read_file(file);
    for (std::size_t at = 0; at < text.size(); ++at) {
      std::string other = text;
      other[at] = static_cast<char>(other[at] ^ 1);
      changed.push_back(ledger.file("changed" + std::to_string(changed.size()), other));
    }
  }
  EXPECT_GT(changed.size(), 1000U);
  EXPECT_THAT(checked_by_go(changed), Each(StartsWith("refused")));
  for (std::size_t i = 0; i < changed.size(); i += 41) {
    const ProgramResult result = verify_proof(changed[i]);
    EXPECT_EQ(result.status, 5) << read_file(changed[i]);
    EXPECT_THAT(error_code(result), testing::MatchesRegex("(proof|note|checkpoint)\\.[a-z_]+"));
  }
}

TEST_F(Evidence, SaysInWordsWhatItProvesAndWhatItDoesNot) {
  const std::string old = checkpoint("old");
  append(1);
  const ProgramResult event = verify_proof(prove({"--event", "2"}, "event"));
  EXPECT_THAT(event.out, HasSubstr("proven: this is event 2 of the first 6 events of runledger/"));
  EXPECT_THAT(event.out, HasSubstr("requested demo.sync"));
  EXPECT_THAT(event.out, HasSubstr("not proven: that what the event says is true"));
  const ProgramResult extension = verify_proof(prove({"--consistency", old}, "extension"));
  EXPECT_THAT(extension.out, HasSubstr("are those of the older checkpoint, and 1 follow them"));
  EXPECT_THAT(extension.out, HasSubstr("not proven: that the owner of the key has shown every reader the same"));
  const std::string worked = worked_run();
  const ProgramResult run = verify_proof(prove({"--run", worked}, "run"));
  EXPECT_THAT(run.out, HasSubstr("proven: these are the first 3 events of run " + worked + ", all among the first 9"));
  EXPECT_THAT(run.out, HasSubstr("not proven: that the run has no later events"));
  EXPECT_EQ(ledger.json({"verify", "--proof", path("run"), "--key", key}).at("events").size(), 3U);
  const nlohmann::json answer = ledger.json({"verify", "--proof", path("event"), "--key", key});
  EXPECT_EQ(answer.at("proven"), "event");
  EXPECT_EQ(answer.at("event"), nlohmann::json::parse(lines_of(ledger.run({"export", "--from", "2"}).out).at(0)));
}

TEST_F(Evidence, FindsAnOlderCopyThatWasPutBack) {
  fs::copy(ledger.data(), path("older"), fs::copy_options::recursive);
  append(3);
  const std::string kept = checkpoint("kept");
  EXPECT_EQ(found(ledger.data(), kept), "0");
  EXPECT_EQ(found(path("older"), kept), "5 checkpoint.ahead");
  for (int n = 100; n < 105; ++n) {
    const std::string input = R"({"n":)" + std::to_string(n) + "}";
    ASSERT_EQ(run_program({program_path(), "--data", path("older"), "request", "--workspace", "acme", "--type",
                           "demo.sync", "--input", input})
                  .status,
              0);
  }
  EXPECT_EQ(found(path("older"), kept), "5 checkpoint.other_history") << "once it has grown past the checkpoint";
}

TEST_F(Evidence, FindsAHistoryThatWasForgedAndSignedAgainWithTheTrueKey) {
  const std::string kept = checkpoint("kept");
  const fs::path forged = ledger.another("forged");
  for (int n = 0; n < 7; ++n) {
    ASSERT_EQ(run_program({program_path(), "--data", forged, "request", "--workspace", "acme", "--type", "demo.sync",
                           "--input", R"({"n":)" + std::to_string(n) + "}"})
                  .status,
              0);
  }
  fs::copy_file(ledger.data() / "audit.key", forged / "audit.key", fs::copy_options::overwrite_existing);
  EXPECT_EQ(key_of(forged), key);
  EXPECT_EQ(run_program({program_path(), "--data", forged, "checkpoint", "-o", path("forged.checkpoint")}).status, 0);
  EXPECT_EQ(found(forged, path("forged.checkpoint")), "0") << "alone, the forged history looks sound";
  EXPECT_EQ(found(forged, kept), "5 checkpoint.other_history");
  EXPECT_EQ(failure(run_program({program_path(), "--data", forged, "prove", "--consistency", kept})),
            "5 checkpoint.other_history");
}

TEST_F(Evidence, FindsAnExportThatWasCutAndAcceptsAWholeOne) {
  const std::string kept = checkpoint("kept");
  std::vector<std::string> lines = lines_of(ledger.run({"export"}).out);
  const auto import = [&](const std::string& name) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    fs::path data = ledger.another(name);
    EXPECT_EQ(run_program({program_path(), "--data", data, "import", "--verbatim", ledger.file(name + ".jsonl", text)})
                  .status,
              0);
    return data;
  };
  const fs::path whole = import("whole");
  EXPECT_EQ(found(whole, kept), "0");
  EXPECT_THAT(run_program({program_path(), "--data", whole, "verify", "--checkpoint", kept, "--key", key}).out,
              HasSubstr("note: the trees of tenants that 1 checkpoints name were not compared"));
  lines.pop_back();
  EXPECT_EQ(found(import("cut"), kept), "5 checkpoint.ahead");
}

TEST_F(Evidence, IsNotSignedForALedgerThatLostWhatItHadSigned) {
  fs::copy(ledger.data(), path("older"), fs::copy_options::recursive);
  append(1);
  (void)checkpoint("kept");
  fs::copy_file(ledger.data() / "audit.checkpoint", fs::path(path("older")) / "audit.checkpoint");
  for (const Arguments& command : {Arguments{"checkpoint"}, Arguments{"prove", "--event", "1"}}) {
    Arguments all{program_path(), "--data", path("older")};
    all.insert(all.end(), command.begin(), command.end());
    EXPECT_EQ(failure(run_program(all)), "5 checkpoint.ahead") << command[0];
  }
}

TEST_F(Evidence, OfAnotherKeyOrTextIsRefusedBeforeTheLedgerIsOpened) {
  const std::string kept = checkpoint("kept");
  const std::string other_key = key_of(ledger.another("other"));
  const std::string nowhere = path("nowhere");
  const auto verify = [&](const std::string& file, const std::string& with) {
    return failure(run_program({program_path(), "--data", nowhere, "verify", "--checkpoint", file, "--key", with}));
  };
  EXPECT_EQ(verify(kept, other_key), "5 note.unsigned");
  std::string text = read_file(kept);
  text[text.find('\n') + 1] = '4';
  EXPECT_EQ(verify(ledger.file("changed", text), key), "5 note.forged");
  EXPECT_EQ(verify(ledger.file("nonsense", "nonsense"), key), "5 note.malformed");
  EXPECT_EQ(verify(path("absent"), key), "2 checkpoint.unreadable");
  EXPECT_EQ(verify(kept, "nonsense"), "2 key.invalid");
  EXPECT_EQ(verify(kept, key), "2 ledger.not_found");
}

TEST_F(Evidence, IsMadeBesideADaemonWhoseTilesStay) {
  const std::string old = checkpoint("old");
  fs::remove_all(ledger.data() / "tiles");
  Program daemon(ledger.command({"serve", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  append(3);
  const std::string event = prove({"--event", "7"}, "event");
  const std::string extension = prove({"--consistency", old}, "extension");
  EXPECT_THAT(checked_by_go({checkpoint("new"), event, extension}),
              ElementsAre("checkpoint of 8", "event 7 of 8", "extension of 5 to 8"));
  EXPECT_EQ(found(ledger.data(), old), "0");
  EXPECT_TRUE(fs::exists(ledger.data() / "tiles")) << "the daemon keeps what its copies need";
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  EXPECT_EQ(found(ledger.data(), path("new")), "0");
}

TEST_F(Evidence, HasAnOriginOfTheUsersChoice) {
  const std::string data = path("named");
  const ProgramResult made =
      run_program({program_path(), "--data", data, "--format", "json", "init", "--origin", "runs.example.org/acme"});
  const std::string named = nlohmann::json::parse(made.out).at("verifier_key");
  EXPECT_THAT(named, StartsWith("runs.example.org/acme+"));
  EXPECT_EQ(key_of(data), named);
  const ProgramResult note = run_program({program_path(), "--data", data, "checkpoint"});
  EXPECT_THAT(note.out, StartsWith("runs.example.org/acme\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"));
  EXPECT_EQ(failure(run_program({program_path(), "--data", path("x"), "init", "--origin", "a b"})), "2 origin.invalid");
  EXPECT_FALSE(fs::exists(path("x")));
}

TEST_F(Evidence, OfALedgerWithoutAKeyNeedsOneFirst) {
  EXPECT_EQ(failure(ledger.run({"audit", "key", "create"})), "2 audit_key.exists");
  fs::remove(ledger.data() / "audit.key");
  EXPECT_EQ(failure(ledger.run({"checkpoint"})), "2 audit_key.missing");
  EXPECT_EQ(failure(ledger.run({"audit", "key", "show"})), "2 audit_key.missing");
  const nlohmann::json made = ledger.json({"audit", "key", "create", "--origin", "later"});
  EXPECT_EQ(made.at("origin"), "later");
  key = made.at("verifier_key");
  EXPECT_THAT(checked_by_go({checkpoint("first")}), ElementsAre("checkpoint of 5"));
}

TEST_F(Evidence, OfAnOldKeyStaysValidAfterARotationAndLeadsToTheNewOne) {
  const std::string old = checkpoint("old");
  const std::string newer_key = ledger.json({"audit", "key", "rotate"}).at("verifier_key");
  EXPECT_NE(newer_key, key);
  EXPECT_EQ(key_of(ledger.data()), newer_key);
  append(2);
  const std::string newest_key = ledger.json({"audit", "key", "rotate"}).at("verifier_key");
  append(2);
  const std::string proof = prove({"--event", "9"}, "event");
  const std::string kept = checkpoint("new");
  const std::string rotations = ledger.data() / "audit.rotations";
  const auto verify = [&](const Arguments& what, const std::string& with, const Arguments& more = {}) {
    Arguments arguments{"verify", "--key", with};
    arguments.insert(arguments.end(), what.begin(), what.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = ledger.run(arguments);
    return result.status == 0 ? "0" : failure(result);
  };
  EXPECT_EQ(verify({"--checkpoint", old}, key), "0");
  EXPECT_EQ(verify({"--checkpoint", old}, newest_key), "5 note.unsigned");
  EXPECT_EQ(verify({"--proof", proof}, newest_key), "0");
  EXPECT_EQ(verify({"--proof", proof}, key), "5 note.unsigned");
  for (const std::string& trusted : {key, newer_key, newest_key})
    EXPECT_EQ(verify({"--proof", proof}, trusted, {"--rotations", rotations}), "0");
  EXPECT_EQ(verify({"--checkpoint", old, "--checkpoint", kept}, key, {"--rotations", rotations}), "0");
  EXPECT_EQ(verify({"--checkpoint", old}, newest_key, {"--rotations", rotations}), "5 note.unsigned")
      << "not backwards";
  EXPECT_EQ(verify({"--proof", proof}, key_of(ledger.another("other")), {"--rotations", rotations}), "5 note.unsigned");
  EXPECT_EQ(verify({"--proof", proof}, key, {"--rotations", old}), "5 rotation.malformed");
  const std::string extension = prove({"--consistency", old}, "extension");
  EXPECT_EQ(verify({"--proof", extension}, key, {"--rotations", rotations}), "0");
  EXPECT_EQ(verify({"--proof", extension}, key), "5 note.unsigned") << "the newer checkpoint";
  EXPECT_EQ(verify({"--proof", extension}, newest_key), "5 note.unsigned") << "the older checkpoint";
  EXPECT_EQ(failure(ledger.run({"verify", "--rotations", rotations})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"audit", "key", "rotate", "--origin", "x"})), "2 usage");
}

// A rotation is a checkpoint that both keys have signed.
TEST_F(Evidence, OfARotationIsAcceptedByGosPackagesWithEitherKey) {
  const std::string newer_key = ledger.json({"audit", "key", "rotate"}).at("verifier_key");
  const std::string note = ledger.data() / "audit.checkpoint";
  EXPECT_THAT(checked_by_go({note}), ElementsAre("checkpoint of 5"));
  key = newer_key;
  EXPECT_THAT(checked_by_go({note}), ElementsAre("checkpoint of 5"));
}

TEST_F(Evidence, IsSignedWithTheNewKeyByADaemonThatRuns) {
  Program daemon(ledger.command({"serve", "--format", "json", "--checkpoint-every", "1s"}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  append(1);
  key = ledger.json({"audit", "key", "rotate"}).at("verifier_key");
  append(2);
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  EXPECT_THAT(checked_by_go({ledger.data() / "audit.checkpoint"}), ElementsAre("checkpoint of 8"));
  EXPECT_EQ(ledger.run({"verify"}).status, 0);
}

TEST_F(Evidence, OfALedgerThatLostWhatItHadSignedIsNotRotated) {
  fs::copy(ledger.data(), path("older"), fs::copy_options::recursive);
  append(1);
  (void)checkpoint("kept");
  fs::copy_file(ledger.data() / "audit.checkpoint", fs::path(path("older")) / "audit.checkpoint");
  EXPECT_EQ(failure(run_program({program_path(), "--data", path("older"), "audit", "key", "rotate"})),
            "5 checkpoint.ahead");
  EXPECT_EQ(key_of(path("older")), key);
}

TEST_F(Evidence, RefusesWrongUsage) {
  for (const Arguments& command :
       {Arguments{"prove"}, Arguments{"prove", "--event", "1", "--consistency", "x"},
        Arguments{"prove", "--event", "1", "--run", "x"}, Arguments{"verify", "--key", key},
        Arguments{"verify", "--proof", "x"},
        Arguments{"verify", "--checkpoint", path("x"), "--proof", "x", "--key", key}, Arguments{"audit", "key"},
        Arguments{"audit", "key", "show", "--origin", "x"}, Arguments{"--connect", "unix:/nonexistent", "checkpoint"}})
    EXPECT_EQ(failure(ledger.run(command)), "2 usage") << command[0];
  EXPECT_EQ(failure(ledger.run({"prove", "--event", "0"})), "2 event.invalid");
  EXPECT_EQ(failure(ledger.run({"prove", "--event", "6"})), "4 event.not_found");
  EXPECT_EQ(failure(ledger.run({"prove", "--run", "6"})), "2 run.invalid");
  EXPECT_EQ(failure(ledger.run({"prove", "--run", "00000000-0000-4000-8000-000000000000"})), "4 run.not_found");
  EXPECT_EQ(failure(ledger.run({"prove", "--consistency", path("x")})), "2 consistency.unreadable");
}

}  // namespace
}  // namespace runledger
