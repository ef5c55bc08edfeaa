#!/usr/bin/env python3
# Asks zsh and fish what they offer with the completions in contrib/.
#
# Usage: tests/contrib/completions_test.py      scripts/setup --contrib installs the two shells.
#
# A shell that is not there is named loudly, and the status is then 77, which CTest reports as skipped. The tests of
# bash are in tests/tools/cli/manual_e2e_test.cc, since bash is always there.
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONTRIB = Path(__file__).resolve().parents[2] / "contrib"
SKIPPED = 77
SECONDS_MAX = 60
FILE = "journal of a day.jsonl"

# A line whose last word is to be completed, and what is offered for it: without the name of the option in a word
# --option=value.
CASES = [
    ("runledger sh", ["show"]),
    ("runledger --da", ["--data"]),
    ("runledger list --st", ["--status"]),
    ("runledger list --form", ["--format"]),
    ("runledger --data show list --id", ["--id-prefix", "--identity"]),  # The value of an option is no command.
    ("runledger --data=show list --id", ["--id-prefix", "--identity"]),
    ("runledger list --tenant show --ev", []),
    ("runledger list --as", ["--as-of"]),
    ("runledger show list --st", []),
    ("runledger show --st", []),
    ("runledger list --format ", ["csv", "json", "text", "tsv"]),
    ("runledger list -f c", ["csv"]),
    ("runledger list --format=j", ["json"]),
    ("runledger list --status r", ["running"]),
    ("runledger list --status running --status q", ["queued"]),  # It may be repeated.
    ("runledger replay --kind attempt-", ["attempt-finished", "attempt-started"]),
    ("runledger completion z", ["zsh"]),
    ("runledger help dup", ["duplicates"]),
    ("runledger list --limit ", []),  # Any number.
    ("runledger list --config jour", [FILE]),
    ("runledger import jour", [FILE]),
    ("runledger show jour", []),
]


class Fish:
    """Has a command for this."""

    def offered(self, line):
        script = "source $argv[1]; complete -C $argv[2]"
        done = subprocess.run(["fish", "--no-config", "-c", script, str(CONTRIB / "runledger.fish"), line],
                              capture_output=True, text=True, timeout=SECONDS_MAX, check=True)
        if done.stderr:
            raise RuntimeError(f"fish says: {done.stderr}")
        return [word.split("\t")[0] for word in done.stdout.splitlines()]


class Zsh:
    """Completes only at a terminal, so it gets one, and a widget that prints what it finds."""

    INIT = r"""
PROMPT= PROMPT2= RPROMPT=
unsetopt prompt_cr prompt_sp zle_bracketed_paste 2> /dev/null
zstyle ':completion:*' insert-tab false
autoload -Uz compinit && compinit -D -u
source "$COMPLETION"
typeset -ga matches
compadd() {
  # Calls with these options only fill arrays.
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a hits
  builtin compadd -A hits "$@"
  matches+=("${hits[@]}")
  (( $#hits ))
}
offer() {
  matches=()
  _main_complete
  print -rl -- "" "<begin" "${(@)matches}" "end>"
}
zle -C offer complete-word offer
bindkey '^X' offer
bindkey '^U' kill-whole-line
print -r -- "ready>"
"""

    def __init__(self):
        with tempfile.NamedTemporaryFile("w", suffix=".zsh", delete=False) as init:
            init.write(self.INIT)
        self.init = init.name
        self.seen = ""
        environment = dict(os.environ, TERM="dumb", COMPLETION=str(CONTRIB / "runledger.zsh"))
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execvpe("zsh", ["zsh", "-f", "-i"], environment)
        os.write(self.terminal, f"source {self.init}\n".encode())
        self.read_until("ready>")

    def read_until(self, end):
        stop = time.monotonic() + SECONDS_MAX
        while end not in self.seen:
            ready, _, _ = select.select([self.terminal], [], [], max(0, stop - time.monotonic()))
            if not ready:
                raise RuntimeError(f"zsh has not printed {end!r}, but: {self.seen}")
            self.seen += os.read(self.terminal, 65536).decode()
        text, self.seen = self.seen.split(end, 1)
        return text

    def offered(self, line):
        os.write(self.terminal, b"\x15" + line.encode() + b"\x18")
        words = self.read_until("end>").split("<begin", 1)[1].splitlines()
        return [word.replace("\\", "") for word in words if word]  # Names of files come as they are typed.

    def __del__(self):
        os.close(self.terminal)  # Which ends it.
        os.waitpid(self.process, 0)
        os.unlink(self.init)


def value_of(word):
    return word.split("=", 1)[1] if word.startswith("--") and "=" in word and not word.endswith("=") else word


def failures_of(name, shell):
    for line, expected in CASES:
        found = sorted({value_of(word).rstrip("=") for word in shell.offered(line)})
        if found != expected:
            yield f"{name}: {line!r}: expected {expected}, found {found}"


def main():
    failures = []
    missing = []
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)  # Names of files are completed here.
        Path(FILE).touch()
        for name, kind in (("zsh", Zsh), ("fish", Fish)):
            if shutil.which(name) is None:
                missing.append(name)
            else:
                failures.extend(failures_of(name, kind()))
    for failure in failures:
        print(failure, file=sys.stderr)
    for name in missing:
        print(f"\n*** THE COMPLETION IN {name.upper()} IS NOT TESTED: expected {name}, found none. "
              "Install it with: scripts/setup --contrib ***\n", file=sys.stderr)
    return 1 if failures else SKIPPED if missing else 0


if __name__ == "__main__":
    sys.exit(main())
