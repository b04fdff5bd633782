"""The fields of Kubernetes' own kinds: which exist, of what type, and what the encoder leaves out.

`types.json` is written by `python -m tools.api_types` from Kubernetes' own Go types. The code of a
field: `?` where the encoder leaves out the empty value, `!` also a zero struct; `*` for a pointer;
`[` for a list or `{` for a map before the type of the items; a number is a struct; `s` string, `b`
bool, `i` whole number, `f` number, `y` bytes, `q` quantity, `x` number or string, `t` time, `d`
duration, `a` anything. Loaded only where admission policies are written or run.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from portside.records import NamedTuple

Fields = dict[str, str]


class ApiTypes(NamedTuple):
    kinds: dict[str, int]
    """Struct numbers by `group/version/Kind`, `v1/Pod` for the core group."""
    structs: list[Fields]

    def fields(self, api_version: str, kind: str) -> Fields | None:
        """The fields of a kind; None for one that is not Kubernetes' own."""
        number = self.kinds.get(f"{api_version}/{kind}")
        return None if number is None else self.structs[number]

    def below(self, fields: Fields, name: str) -> Fields | None:
        """The fields of what stands at `name`, or of its items; None where that is no struct."""
        number = bare(fields.get(name, "a"))
        return self.structs[int(number)] if number.isdecimal() else None


def bare(code: str) -> str:
    """The type at the core of a field's code, without its marks."""
    return code.lstrip("?!*[{")


def is_list(code: str) -> bool:
    return code.lstrip("?!*").startswith("[")


@cache
def api_types() -> ApiTypes:
    """The table, read once."""
    text = files(__package__).joinpath("types.json").read_text(encoding="utf-8")
    read = json.loads(text)
    return ApiTypes(read["kinds"], read["structs"])
