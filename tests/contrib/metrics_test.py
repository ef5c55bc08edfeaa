#!/usr/bin/env python3
# Checks that the alerts and the dashboard in contrib/ name only metrics and labels that a real daemon has.
# Usage: metrics_test.py PROGRAM WITNESS     the built runledger, and the witness of the tests
#
# It starts a daemon with a mirror in a private Postgres, a witness and backups, and gives it something to do.

import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True  # Running a test leaves nothing in the source tree.
from expressions import alerts_of, expressions_of, names_in, panels_of  # noqa: E402

SOURCE = Path(__file__).resolve().parents[2]
RULES = (SOURCE / "contrib/prometheus/runledger.rules.yml").read_text(encoding="utf-8")
RULE_TESTS = (SOURCE / "contrib/prometheus/runledger.test.yml").read_text(encoding="utf-8")
DASHBOARD = json.loads((SOURCE / "contrib/grafana/runledger.json").read_text(encoding="utf-8"))
WRITER = (SOURCE / "tools/daemon/observe/metrics.cc").read_text(encoding="utf-8")
VERDICTS = (SOURCE / "ledger/rules/reply.h").read_text(encoding="utf-8")
CODES = (SOURCE / "docs/codes.md").read_text(encoding="utf-8")

FROM_PROMETHEUS = {"up", "ALERTS"}
LABELS_OF_A_TARGET = {"job", "instance"}
# These need a certificate, so their names are compared with the source that writes them.
WITHOUT_A_SAMPLE = {"runledger_tls_certificate_end_timestamp_seconds"}
SECONDS_MAX = 120


def until(what, read):
    """Calls `read` until it gives something. Fails after a time in which every machine has done it."""
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end:
        found = read()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"expected {what} within {SECONDS_MAX} s, found it missing")


def first_line(process):
    """The first line that a program prints, once it has started."""
    ready, _, _ = select.select([process.stdout], [], [], SECONDS_MAX)
    line = process.stdout.readline() if ready else ""
    if not line:
        raise AssertionError(f"expected {process.args[0]} to print a line, found none")
    return line


class World:
    """A daemon with everything that it can have, in a directory of its own."""

    def __init__(self, program, witness):
        self.program = program
        self.directory = tempfile.TemporaryDirectory(prefix="runledger-contrib-")
        self.path = Path(self.directory.name)
        self.path.chmod(0o755)  # Where the tests run as root, Postgres runs as a user who has to pass.
        self.processes = []
        try:
            self.start(witness)
        except BaseException:
            self.end()
            raise

    def run(self, *arguments, status=0):
        result = subprocess.run(
            [self.program, "--data", self.path / "ledger", "--format", "json", *arguments],
            capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        if result.returncode != status:
            raise AssertionError(f"{arguments}: expected status {status}, found {result.returncode}: {result.stderr}")
        return json.loads(result.stdout.splitlines()[0]) if result.stdout else {}

    def started(self, *arguments):
        self.processes.append(
            subprocess.Popen([str(argument) for argument in arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             text=True))
        return self.processes[-1]

    def postgres(self, command):
        return subprocess.run([SOURCE / "scripts/private-postgres", command, self.path / "postgres"],
                              stdout=subprocess.PIPE, text=True, timeout=SECONDS_MAX, check=True).stdout.strip()

    def start(self, witness):
        dsn = self.postgres("start")
        key = self.run("init")["verifier_key"]
        address = first_line(self.started(witness, key, "witness", self.path / "witness.json")).strip()
        catalog = self.path / "catalog.json"
        catalog.write_text('{"types":[{"type":"reports.send","expect_every_seconds":86400}]}', encoding="utf-8")
        self.run("token", "issue", "--every-workspace", "--right", "work", "--expires", "30d")
        daemon = self.started(
            self.program, "--data", self.path / "ledger", "--catalog", catalog, "serve", "--format", "json",
            "--log-level", "error",
            "--http", "127.0.0.1:0", "--open-metrics", "--postgres", dsn, "--witness", address,
            "--checkpoint-every", "1s", "--checkpoint-file", self.path / "newest.checkpoint", "--backup-every", "12h",
            "--backup-dir", self.path / "backups")
        self.http = json.loads(first_line(daemon))["http"]
        self.work()
        self.samples = until("all of the daemon's metrics", self.all_samples)

    def work(self):
        """A request, a duplicate, an attempt, a run that waits, a refused command, and a caller without a token."""
        request = ("request", "--workspace", "acme", "--type", "reports.send", "--input", "{}")
        run = self.run(*request)["run_id"]
        self.run(*request)
        attempt = self.run("start", run)
        self.run("finish", run, "--attempt", str(attempt["attempt"]), "--token", str(attempt["token"]), "--outcome",
                 "succeeded")
        self.run("request", "--workspace", "acme", "--type", "reports.send", "--input", '{"waits":1}')
        self.run("start", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11", status=4)
        try:
            urllib.request.urlopen(self.http + "/v1/stats", timeout=SECONDS_MAX)
            raise AssertionError("expected that a caller without a token is refused, found an answer")
        except urllib.error.HTTPError as refused:
            refused.close()

    def all_samples(self):
        """Every sample as (name, labels), once those are there that come with time."""
        with urllib.request.urlopen(self.http + "/metrics", timeout=SECONDS_MAX) as reply:
            lines = reply.read().decode().splitlines()
        found = []
        for line in lines:
            if line.startswith("#"):
                continue
            name, labels = re.match(r"([a-z_]+)(?:\{(.*)\})? \S+$", line).groups()
            found.append((name, dict(re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', labels or ""))))
        late = {"runledger_witness_timestamp_seconds", "runledger_checkpoint_handed_out_timestamp_seconds",
                "runledger_backup_last_bytes", "runledger_backup_last_success_timestamp_seconds",
                "runledger_checkpoint_events"}
        return found if late <= {name for name, _ in found} else None

    def end(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(timeout=SECONDS_MAX)
            process.stdin.close()
            process.stdout.close()
        if (self.path / "postgres/data/PG_VERSION").exists():
            self.postgres("stop")
        self.directory.cleanup()


class Contrib(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(*ARGUMENTS)
        cls.addClassCleanup(cls.world.end)
        cls.labels = {}  # By metric: the labels that it has, and their values.
        for name, labels in cls.world.samples:
            of_name = cls.labels.setdefault(name, {})
            for label, value in labels.items():
                of_name.setdefault(label, set()).add(value)
        for name in WITHOUT_A_SAMPLE:
            if f'"{name}"' in WRITER:
                cls.labels.setdefault(name, {})

    def is_word(self, metric, label, value):
        """Whether the daemon can give the label this value: it has, or the sources or the page of codes say so."""
        if label in LABELS_OF_A_TARGET or value in self.labels[metric].get(label, ()):
            return True
        return f"| `{value}` |" in CODES if label == "code" else f'"{value}"' in WRITER + VERDICTS

    def check(self, expression):
        """Checks an expression; returns the labels that its result may have."""
        names = names_in(expression)
        self.assertTrue(names.metrics, "names no metric")
        possible = set(LABELS_OF_A_TARGET)
        for metric, matchers in names.matched:
            if metric in FROM_PROMETHEUS:
                continue
            self.assertTrue(metric in self.labels, f"the daemon has no {metric}")
            possible |= self.labels[metric].keys()
            for label, operator, value in matchers:
                self.assertIn(label, self.labels[metric].keys() | LABELS_OF_A_TARGET, metric)
                for word in filter(None, value.split("|") if "~" in operator else [value]):
                    self.assertTrue(self.is_word(metric, label, word), f"{metric} has no {label}={word}")
        self.assertLessEqual(names.labels, possible)
        return possible

    def test_every_alert_is_about_metrics_that_the_daemon_has(self):
        alerts = list(alerts_of(RULES))
        self.assertEqual(len(alerts), RULES.count("alert: "))
        for name, expression, text in alerts:
            with self.subTest(name):
                self.assertTrue(re.fullmatch(r"Runledger[A-Z][A-Za-z]+", name))
                possible = self.check(expression)
                self.assertLessEqual(set(re.findall(r"\$labels\.(\w+)", text)), possible)
                for part in ("labels: {severity: ", "summary: ", "description: "):
                    self.assertIn(part, text)

    def test_every_alert_has_a_test_in_which_it_fires(self):
        tests = re.split(r"^  - name: ", RULE_TESTS, flags=re.M)[1:]
        for name, _, _ in alerts_of(RULES):
            with self.subTest(name):
                own = [test for test in tests if test.startswith(f'"{name}: ')]
                self.assertTrue(any("value: 1}" in test for test in own))

    def test_the_tests_of_the_alerts_have_series_that_the_daemon_has(self):
        series = re.findall(r"series: '([^']+)'", RULE_TESTS)
        self.assertGreater(len(series), len(list(alerts_of(RULES))))
        for one in sorted(set(series)):
            with self.subTest(one):
                (metric, matchers), = names_in(one).matched
                if metric in FROM_PROMETHEUS:
                    continue
                self.assertTrue(metric in self.labels, f"the daemon has no {metric}")
                self.assertEqual({label for label, _, _ in matchers},
                                 set(self.labels[metric]) | LABELS_OF_A_TARGET)

    def test_the_dashboard_is_about_metrics_that_the_daemon_has(self):
        variables = {one["name"] for one in DASHBOARD["templating"]["list"]} | {"__rate_interval"}
        for where, expression, legend in expressions_of(DASHBOARD):
            with self.subTest(where):
                possible = self.check(expression)
                self.assertLessEqual(set(re.findall(r"\{\{(\w+)\}\}", legend)), possible)
                self.assertLessEqual(set(re.findall(r"\$(\w+)", expression)), variables)

    def test_the_dashboard_shows_every_metric(self):
        shown = {metric for _, expression, _ in expressions_of(DASHBOARD) for metric in names_in(expression).metrics}
        families = {re.sub(r"_(bucket|sum|count)$", "", metric) for metric in shown}
        # The certificate has alerts of its own, and changes once in months.
        known = {re.sub(r"_(bucket|sum|count)$", "", name) for name in self.labels} - WITHOUT_A_SAMPLE
        self.assertEqual(known, families)

    def test_the_dashboard_is_one_that_grafana_imports(self):
        self.assertGreaterEqual(DASHBOARD["schemaVersion"], 37)
        ids = [panel["id"] for panel in DASHBOARD["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        places = set()
        for panel in panels_of(DASHBOARD):
            with self.subTest(panel["title"]):
                self.assertTrue(panel["description"])
                for source in (panel["datasource"], *(target["datasource"] for target in panel["targets"])):
                    self.assertEqual(source, {"type": "prometheus", "uid": "${datasource}"})
                grid = panel["gridPos"]
                self.assertLessEqual(grid["x"] + grid["w"], 24)
                own = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"])
                       for y in range(grid["y"], grid["y"] + grid["h"])}
                self.assertFalse(own & places, "it overlaps another panel")
                places |= own


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: metrics_test.py PROGRAM WITNESS")
    ARGUMENTS = [os.path.abspath(path) for path in sys.argv[1:]]
    unittest.main(argv=sys.argv[:1], verbosity=2)
