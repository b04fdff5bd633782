"""What functions of Helm's templates make of what they are given, as far as values pass through.

Source: helm.sh/helm/v4/pkg/engine/funcs.go and github.com/Masterminds/sprig.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from portside.render.meaning import (
    DICT,
    LIST,
    NOTHING,
    ROOT,
    TEXT,
    VALUES,
    Meaning,
    element,
    field,
    many,
)

_SHOW_LAST = frozenset(
    (
        "toYaml",
        "toYamlPretty",
        "quote",
        "squote",
        "indent",
        "nindent",
        "trim",
        "toString",
        "int",
        "int64",
        "float64",
        "toJson",
        "toPrettyJson",
        "toRawJson",
        "mustToJson",
        "mustToPrettyJson",
        "mustToRawJson",
        "fromYaml",
        "fromJson",
        "fromYamlArray",
        "fromJsonArray",
        "deepCopy",
        "mustDeepCopy",
        "required",
        "print",
        "html",
        "js",
        "toStrings",
        "atoi",
        "uniq",
        "mustUniq",
        "sortAlpha",
        "compact",
        "mustCompact",
    )
)
_SHOW_FIRST = frozenset(
    (
        "tpl",
        "omit",
        "pick",
        "set",
        "unset",
    )
)
_MAY_BE = frozenset(
    (
        "coalesce",
        "and",
        "or",
        "merge",
        "mustMerge",
        "mergeOverwrite",
        "mustMergeOverwrite",
        "concat",
        "append",
        "mustAppend",
        "prepend",
        "mustPrepend",
    )
)
_NOTHING = frozenset(
    (
        "lookup",
        "now",
        "true",
        "false",
        "nil",
        "len",
        "not",
        "eq",
        "lt",
        "le",
        "empty",
        "hasKey",
        "has",
        "contains",
        "hasPrefix",
        "hasSuffix",
        "kindIs",
        "kindOf",
        "typeIs",
        "typeOf",
        "typeIsLike",
        "semverCompare",
        "semver",
        "fail",
        "until",
        "untilStep",
        "seq",
        "regexMatch",
        "mustRegexMatch",
        "genCA",
        "genSelfSignedCert",
        "genSignedCert",
        "genPrivateKey",
        "randAlpha",
        "randAlphaNum",
        "randNumeric",
        "randAscii",
        "randBytes",
        "uuidv4",
        "env",
        "expandenv",
    )
)


def call(name: str, given: Sequence[Meaning]) -> Meaning:
    """What the function `name` makes of its arguments, the piped one last."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(given)
    if name in _NOTHING or not given:
        return NOTHING
    if name in _SHOW_LAST:
        return given[-1]
    if name in _SHOW_FIRST:
        return given[0]
    return many(given, straight=name in _MAY_BE)


def _default(given: Sequence[Meaning]) -> Meaning:
    return many(given[::-1])


def _ternary(given: Sequence[Meaning]) -> Meaning:
    return many(given[:2])


def _dict(given: Sequence[Meaning]) -> Meaning:
    pairs = zip(given[::2], given[1::2], strict=False)
    return Meaning(DICT, items={key.text: it for key, it in pairs if key.kind == TEXT})


def _list(given: Sequence[Meaning]) -> Meaning:
    return Meaning(LIST, parts=tuple(given))


def _index(given: Sequence[Meaning]) -> Meaning:
    found = given[0] if given else NOTHING
    for step in given[1:]:
        if step.kind != TEXT or (found.kind != ROOT and not step.text):
            found = element(found)
        elif found.kind == VALUES and step.text.isdigit():
            found = found._replace(path=(*found.path, int(step.text)))
        else:
            found = field(found, (step.text,))
    return found


def _dig(given: Sequence[Meaning]) -> Meaning:
    steps = [it.text for it in given[:-2]]
    if len(given) < 3 or not all(steps):
        return many(given, straight=False)
    return many((field(given[-1], tuple(steps)), given[-2]))


def _more(given: Sequence[Meaning]) -> Meaning:
    """`gt X 0` and `ne X ""` hold where X is set to something."""
    if len(given) == 2 and given[1].kind == TEXT and given[1].text in ("", "0"):
        return given[0]
    return many(given, straight=False)


def _item(given: Sequence[Meaning]) -> Meaning:
    return element(given[-1]) if given else NOTHING


_SPECIAL: dict[str, Callable[[Sequence[Meaning]], Meaning]] = {
    "default": _default,
    "ternary": _ternary,
    "dict": _dict,
    "list": _list,
    "tuple": _list,
    "index": _index,
    "get": _index,
    "dig": _dig,
    "gt": _more,
    "ne": _more,
    "first": _item,
    "last": _item,
}
