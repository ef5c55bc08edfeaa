#!/usr/bin/env python3
# The expressions of the files in contrib/, and the metrics and labels that they name. Python's standard library only.
# Usage: expressions.py --as-rules DASHBOARD     prints its expressions as recording rules, for `promtool check rules`

import json
import re
import sys
from dataclasses import dataclass, field

KEYWORDS = {"and", "or", "unless", "offset", "bool"}
LABEL_LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\d[\w.]*|[A-Za-z_:$][\w:]*|=~|!~|!=|\S')
# What stands for Grafana's variables when an expression is read as PromQL alone.
VARIABLES = {"$__rate_interval": "5m", "$job": "runledger", "$instance": ".*"}


@dataclass
class Names:
    """What an expression names: metrics with the labels and values that they are matched on, and other labels."""

    matched: list = field(default_factory=list)  # (metric, [(label, operator, value)])
    labels: set = field(default_factory=set)  # Those of by(), on() and the like.

    @property
    def metrics(self):
        return [metric for metric, _ in self.matched]


def names_in(expression):
    tokens = TOKEN.findall(expression)
    names = Names()
    at = 0
    while at < len(tokens):
        token = tokens[at]
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        at += 1
        if token in LABEL_LISTS:
            if after == "(":
                end = tokens.index(")", at)
                names.labels.update(label for label in tokens[at + 1 : end] if label != ",")
                at = end + 1
        elif re.match(r"[A-Za-z_:]", token) and token not in KEYWORDS and after not in {"(", "by", "without"}:
            matchers = []
            if after == "{":
                end = tokens.index("}", at)
                inside = [part for part in tokens[at + 1 : end] if part != ","]
                matchers = [(inside[i], inside[i + 1], json.loads(inside[i + 2])) for i in range(0, len(inside), 3)]
                at = end + 1
            names.matched.append((token, matchers))
    return names


def alerts_of(text):
    """Yields name, expression and whole text of each alert. It reads the form that the file has, not all of YAML."""
    for block in re.split(r"^      - (?=alert:)", text, flags=re.M)[1:]:
        name = re.match(r"alert: (\w+)", block).group(1)
        found = re.search(r"^        expr: (?:>-\n((?:          .*\n)+)|(.*)\n)", block, flags=re.M)
        yield name, " ".join((found.group(1) or found.group(2)).split()), block


def panels_of(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions_of(dashboard):
    """Yields where each expression is, the expression, and the legend or title that is made of its labels."""
    for panel in panels_of(dashboard):
        for target in panel["targets"]:
            yield panel["title"], target["expr"], target["legendFormat"]
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], annotation["expr"], annotation["titleFormat"]


def without_variables(expression):
    for variable, value in VARIABLES.items():
        expression = expression.replace(variable, value)
    return expression


def print_as_rules(path):
    with open(path, encoding="utf-8") as file:
        dashboard = json.load(file)
    rules = [
        {"record": f"expression:{number}", "expr": without_variables(expression)}
        for number, (_, expression, _) in enumerate(expressions_of(dashboard))
    ]
    print(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))  # JSON is YAML.


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "--as-rules":
        sys.exit("usage: expressions.py --as-rules DASHBOARD")
    print_as_rules(sys.argv[2])
