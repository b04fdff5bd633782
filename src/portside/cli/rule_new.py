"""`portside rules new`: a first rule file, whose examples hold, to be changed step by step."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence

from portside.cli.options import parser
from portside.errors import UsageError

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_UNDONE = "nothing was written"

SKELETON = """\
# A rule of your own (portside schema rule has every key):
#   portside rules test {folder}       runs the examples below
#   portside scan --rules {folder} .   asks it beside the built-in rules
id: {id}
title: No team owns it
severity: medium            # info, low, medium, high or critical
severity-reason: nobody is called when it fails
why: >-
  What can happen, in a sentence or two.
fix: What to do, such as naming the team in the label `team`.

profile: recommended        # the least profile that asks it: recommended, strict or auditor

# What is looked at: these kinds of objects, or, with `each: pod` or `each: container` and
# without `kinds`, every pod template or container of every kind that bears one.
kinds: [Deployment, StatefulSet]

# What portside.yaml may set (rules: {{{id}: {{params: {{label: owner}}}}}}).
params:
  label: {{type: string, default: team, description: the label that names the team}}

# What must hold, in CEL. Ask has(a.b) before you read a.b: a condition that ends in an error is
# undecided. Try one with: portside eval 'has(object.metadata.labels)' .
require: has(object.metadata.labels) && params.label in object.metadata.labels

# What is wrong where it does not hold, and the field at fault.
says: "has no label {{params.label}}"
at: metadata.labels

# Its tests: what must be found, on which lines, and what must not.
examples:
  - bad: there are no labels
    lines: [3]
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {{name: web}}
      spec:
        selector: {{matchLabels: {{app: web}}}}
        template:
          metadata: {{labels: {{app: web}}}}
          spec:
            containers: [{{name: web, image: "registry.example.org/web:2.1"}}]
  - good: the label names a team
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {{name: web, labels: {{team: shop}}}}
      spec:
        selector: {{matchLabels: {{app: web}}}}
        template:
          metadata: {{labels: {{app: web}}}}
          spec:
            containers: [{{name: web, image: "registry.example.org/web:2.1"}}]
"""


def run(argv: Sequence[str]) -> int:
    options = arguments().parse_args(argv)
    _must_be_free(options.id)
    path = os.path.join(options.folder, f"{options.id.replace('-', '_')}.yaml")
    try:
        os.makedirs(options.folder, exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(SKELETON.format(id=options.id, folder=options.folder))
    except FileExistsError as error:
        hint = "it is left as it is: choose another id, or remove it first"
        raise UsageError("exists already", where=path, hint=hint, undone=_UNDONE) from error
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise UsageError(problem, where=path, undone=_UNDONE) from error
    sys.stdout.write(f"{path}\nnext: edit it, and run portside rules test {options.folder}\n")
    return 0


def arguments() -> argparse.ArgumentParser:
    """The options of `portside rules new`."""
    made = parser(
        "rules new",
        "Write a first rule file, commented, whose good and bad example hold.",
        usage="ID [--folder FOLDER]",
        examples=(("portside rules new team-label-missing", "rules/team_label_missing.yaml"),),
    )
    made.add_argument("id", metavar="ID", help="kebab-case: the harm or the state that is wrong")
    made.add_argument(
        "--folder", default="rules", metavar="FOLDER", help="where to (default: rules)"
    )
    return made


def _must_be_free(identity: str) -> None:
    from portside.policy import builtin

    if not _ID.fullmatch(identity):
        words = "-".join(re.findall(r"[a-z0-9]+", identity.lower()))
        meant = f"did you mean {words}?" if _ID.fullmatch(words) else "as in team-label-missing"
        raise UsageError(f"{identity} is not kebab-case", hint=meant, undone=_UNDONE)
    if identity in builtin.rules():
        hint = f"portside rules show {identity} shows it; give yours another id"
        raise UsageError(f"{identity} is a built-in rule", hint=hint, undone=_UNDONE)
