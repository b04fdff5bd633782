"""Random shell scripts."""

from __future__ import annotations

import random

_WORDS = [
    *(
        "a",
        "echo",
        "-x",
        "'q r'",
        '"d $X"',
        "$X",
        "${X:-y}",
        "$(c d)",
        "`e f`",
        "x=1",
        "2>&1",
        ">f",
    ),
    *("<<<s", "a\\ b", "$((1+2))", "<(g h)", "--o=v", '"$(k "l")"', "é", "#no", "x#y", "{a,b}"),
    *("&>z", "$'a\\'b'", "if", "done", "1.2", "A=$(b)", "${X:-$(m n)}", '$"t"', "a[1]", "*"),
]
_JOINS = [" && ", " | ", " || ", "; ", " & ", "\n", " |& ", " \\\n && ", " | \n", "|", " # c\n"]
_COMPOUNDS = [
    *("( {} )", "{{ {}; }}", "if {}; then {}; fi", "if {}; then {}; elif {}; then {}; else {}; fi"),
    *(
        "for i in a b; do {}; done",
        "while {}; do {}; done",
        "until {}\ndo {}\ndone",
        "f() {{ {}; }}",
    ),
    *("case $x in a|b) {};; *) {} ;; esac", "[[ -n $X && a == b ]]", "(( 1 + 2 ))", "! a {}"),
    *("echo $( {} )", "cat <<E\nbody '$(\nE\n{}", "function g {{ {}; }}", "{{ {}; }} > f 2>&1"),
    *("for ((i=0; i<3; i++)); do {}; done", "echo <<-E b\n\tbody\n\tE\n{}", 'echo "$( {} )"'),
]


def script(chance: random.Random, depth: int = 3) -> str:
    """Commands joined in all ways; not each of them is sound."""
    text = _command(chance, depth)
    for _ in range(chance.choice([0, 0, 1, 2])):
        text += chance.choice(_JOINS) + _command(chance, depth)
    return text


def _command(chance: random.Random, depth: int) -> str:
    if not depth or chance.random() < 0.6:
        return " ".join(chance.choices(_WORDS, k=chance.choice([1, 1, 2, 3])))
    form = chance.choice(_COMPOUNDS)
    parts = [script(chance, depth - 1) for _ in range(form.count("{}"))]
    return form.format(*parts)
