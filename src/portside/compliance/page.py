"""The assessment as one HTML page that needs nothing else: to read, to print, to hand in.

Everything that comes from files is escaped. The page has no script and loads nothing.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from portside.compliance import words
from portside.compliance.judge import EXCEPTIONS, MET, NOT_JUDGED, NOT_MET, STATES
from portside.report.context import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portside.compliance.judge import Assessment, Evidence, Verdict
    from portside.compliance.words import Told

_CLASSES = {MET: "met", EXCEPTIONS: "exceptions", NOT_MET: "unmet", NOT_JUDGED: "open"}
_MARKS = {MET: "✓", EXCEPTIONS: "✓*", NOT_MET: "✗", NOT_JUDGED: "?"}
_STYLE = """\
:root { color-scheme: light dark; --line: #767676; --soft: #f3f3f3; --met: #10602b;
  --unmet: #a01313; --exceptions: #7a4a00; --open: #444; }
@media (prefers-color-scheme: dark) { :root { --line: #8a8a8a; --soft: #262626; --met: #7fd89a;
  --unmet: #ff9d9d; --exceptions: #f0c070; --open: #c8c8c8; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .5rem 0; }
th, td { border: 1px solid var(--line); padding: .4rem .6rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
thead th { background: var(--soft); }
.met { color: var(--met); } .unmet { color: var(--unmet); }
.exceptions { color: var(--exceptions); } .open { color: var(--open); }
.state { font-weight: 600; white-space: nowrap; }
.caveat { border-left: .3rem solid var(--exceptions); padding: .2rem .8rem; }
ul { margin: .2rem 0; padding-left: 1.2rem; } code { font-family: ui-monospace, monospace; }
a.skip { position: absolute; left: -99rem; } a.skip:focus { position: static; }
@media print { body { max-width: none; margin: 0; font-size: 9pt; } thead { display:
  table-header-group; } tr { break-inside: avoid; } .skip { display: none; } }
"""


def render(assessment: Assessment, told: Told) -> Iterator[str]:
    """The page."""
    framework = assessment.framework
    title = f"{framework.title}: {told.about}"
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>{_text(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
    yield '<a class="skip" href="#items">to the items</a>\n'
    yield f"<header>\n<h1>{_text(framework.title)}</h1>\n"
    yield f"<p>{_text(told.about)}, on <time>{_text(told.day)}</time>, for Kubernetes "
    yield f"{_text(assessment.target)}: {assessment.objects} objects. "
    yield f"Portside {told.version}.</p>\n"
    for caveat in words.caveats(framework):
        yield f'<p class="caveat">{_text(caveat)}</p>\n'
    note = f" Mapping: {framework.note}." if framework.note else ""
    yield f"<p>{_text(words.RULE_OF_MET)}{_text(note)} Source: {_text(framework.source)}.</p>\n"
    yield "</header>\n<main>\n"
    yield from _summary(assessment)
    yield from _unread(assessment)
    yield from _items(assessment, told)
    yield "</main>\n</body>\n</html>\n"


def _summary(assessment: Assessment) -> Iterator[str]:
    yield "<h2>Summary</h2>\n<table>\n<caption>Items by verdict</caption>\n<thead><tr>"
    yield "".join(f'<th scope="col">{_text(state)}</th>' for state in STATES)
    yield "</tr></thead>\n<tbody><tr>"
    for state in STATES:
        yield f'<td class="{_CLASSES[state]} state">{assessment.count(state)}</td>'
    yield "</tr></tbody>\n</table>\n"


def _unread(assessment: Assessment) -> Iterator[str]:
    if not assessment.unread:
        return
    yield "<h2>Not read</h2>\n<p>What could not be read may be about any item.</p>\n<ul>\n"
    for it in assessment.unread:
        yield f"<li><code>{_text(it.file)}</code>: {_text(it.reason)}</li>\n"
    yield "</ul>\n"


def _items(assessment: Assessment, told: Told) -> Iterator[str]:
    yield '<h2 id="items">Items</h2>\n<table>\n<caption>Each item with its evidence</caption>\n'
    yield '<thead><tr><th scope="col">Item</th><th scope="col">What it asks</th>'
    yield '<th scope="col">Verdict</th><th scope="col">Evidence</th></tr></thead>\n<tbody>\n'
    for it in assessment.verdicts:
        yield f'<tr><th scope="row">{_text(it.item.id)}</th><td>{_text(it.item.title)}'
        if it.item.note:
            yield f"<br><small>{_text(it.item.note)}</small>"
        mark = f'<span aria-hidden="true">{_MARKS[it.state]}</span>'
        yield f'</td><td class="state {_CLASSES[it.state]}">{mark} {_text(it.state)}</td><td>'
        yield from _evidence(it, told)
        yield "</td></tr>\n"
    yield "</tbody>\n</table>\n"


def _evidence(verdict: Verdict, told: Told) -> Iterator[str]:
    if verdict.said:
        yield f"<p>{_text(verdict.said)}</p>"
    if not verdict.evidence:
        return
    many = f"{verdict.objects} object{'' if verdict.objects == 1 else 's'}"
    yield f"<p>{many} judged</p>\n<ul>\n"
    for part in verdict.evidence:
        yield from _rule(part, told)
    yield "</ul>"


def _rule(part: Evidence, told: Told) -> Iterator[str]:
    yield f"<li><code>{_text(part.rule)}</code> ({_text(told.title(part.rule))}): "
    yield _text(words.judged(part))
    if part.findings or part.undecided:
        yield "\n<ul>\n"
        for finding, excuse in part.findings:
            yield f"<li><code>{_text(words.place(finding))}</code> {_text(str(finding.resource))}: "
            yield _text(finding.message)
            if excuse is not None:
                yield f" <strong>Excused</strong> by the {_text(words.excused(excuse))}"
            yield "</li>\n"
        for doubt in part.undecided:
            yield f"<li><code>{_text(f'{doubt.file}:{doubt.line}')}</code> "
            yield f"{_text(str(doubt.resource))}: undecided, it lacks {_text(doubt.missing)}</li>\n"
        yield "</ul>"
    yield "</li>\n"


def _text(text: str) -> str:
    return escape(shown(text))
