"""Random expressions: by the grammar, mostly well-typed, over every function there is."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from portside.cel.declarations import Overload, overloads
from portside.cel.libraries import LIBRARIES

SIMPLE = ("int", "uint", "double", "string", "bytes", "bool", "timestamp", "duration")
_LITERALS: dict[str, tuple[str, ...]] = {
    "int": (
        *("0", "1", "-1", "2", "3", "7", "10", "42", "100", "-5", "0x1F", "9223372036854775807"),
        *("-9223372036854775808", "9007199254740993", "4294967296", "253402300799", "1000000000"),
        *("9223372036854775808", "08", "1_000"),
    ),
    "uint": ("0u", "1u", "2u", "5U", "0xFFu", "18446744073709551615u", "9223372036854775808u"),
    "double": (
        *("0.0", "-0.0", "1.0", "1.5", "-2.5", "0.1", "3.0", "1e21", "1e-7", "1e308", "-1e308"),
        *("9007199254740993.0", "9223372036854775807.0", "18446744073709551615.0", ".5", "1e400"),
        *("2.5", "3.5", "0.0/0.0", "1.0/0.0", "-1.0/0.0", "1e2", "123456789.125"),
    ),
    "string": (
        *("''", "'a'", "'abc'", "'ABC'", "'b'", "'héllo'", "'日本語'", "'\\U0001F600'", "'a,b,c'"),
        *("r'\\d+'", "'\\n\\t'", "'true'", "'1'", "'-12'", "'1.5'", "'0x1F'", "'NaN'", "'  x '"),
        *("'nginx:latest'", "'kube-system'", "'a.b.c'", "'^a'", "'(a|b)*'", "'['", "'%s and %d'"),
        *(
            "'1h'",
            "'1h30m'",
            "'-1.5s'",
            "'2021-01-02T03:04:05Z'",
            "'2021-02-30T00:00:00Z'",
            "'e\\u0301'",
        ),
        *("'100Mi'", "'1Gi'", "'0.5'", "'1e3'", "'500m'", "'10.0.0.1'", "'10.0.0.0/8'", "'::1'"),
        *("'fe80::/10'", "'https://u:p@h.example:8443/a%20b?q=1&q=2#f'", "'1.2.3'", "'v1.2'"),
        *(
            "'1.2.3-alpha.1+b'",
            "'dns1123Label'",
            "'My_Name'",
            "'America/New_York'",
            "'+02:00'",
            "'UTC'",
        ),
        *(
            '"double"',
            "'''triple\n'quoted' '''",
            "'\\x41\\101'",
            "'\\''",
            "'aGVsbG8='",
            "'%'",
            "'%.3f'",
        ),
    ),
    "bytes": (
        "b''",
        "b'a'",
        "b'abc'",
        "b'\\xff\\x00'",
        "b'é'",
        "b'\\303\\277'",
        "rb'\\x'",
        "b'\\xf0'",
    ),
    "bool": ("true", "false"),
    "null_type": ("null",),
    "timestamp": tuple(
        f"timestamp('{it}')"
        for it in (
            *("2021-01-02T03:04:05Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            *(
                "9999-12-31T23:59:59.999999999Z",
                "2024-02-29T12:00:00.5+02:30",
                "2021-06-01T00:00:00Z",
            ),
        )
    ),
    "duration": tuple(
        f"duration('{it}')"
        for it in ("0s", "1h", "-1h30m", "1.5s", "100ms", "9223372036s", "3us", "1ns", "2562047h")
    ),
    "kubernetes.Quantity": tuple(
        f"quantity('{it}')"
        for it in (
            "1",
            "0",
            "-1",
            "100Mi",
            "1.5Gi",
            "1e3",
            "500m",
            "1n",
            "9223372036854775807",
            "1E",
        )
    ),
    "kubernetes.URL": (
        "url('https://example.com:80/a?b=c')",
        "url('/x%20y')",
        "url('http://[::1]/')",
    ),
    "net.IP": (
        "ip('10.0.0.1')",
        "ip('::1')",
        "ip('fe80::1')",
        "ip('224.0.0.1')",
        "ip('127.0.0.1')",
    ),
    "net.CIDR": (
        "cidr('10.0.0.0/8')",
        "cidr('10.1.2.3/16')",
        "cidr('2001:db8::/32')",
        "cidr('::/0')",
    ),
    "kubernetes.Semver": ("semver('1.2.3')", "semver('0.0.1-rc.1')", "semver('1.2.3+build')"),
    "kubernetes.NamedFormat": ("format.dns1123Label()", "format.uuid()", "format.dns1035Label()"),
    "type": (
        "int",
        "string",
        "list",
        "map",
        "type(1)",
        "net.IP",
        "google.protobuf.Timestamp",
        "null_type",
    ),
}
_OPERATORS = {
    **{f"_{it}_": it for it in ("==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "in")},
}
Chooser = Callable[[int], str]


class Expressions:
    """A source of expressions; the same `seed` gives the same ones."""

    def __init__(self, seed: int, variables: dict[str, str], paths: Sequence[str]) -> None:
        self.random = random.Random(seed)
        self.variables = variables
        self.paths = list(paths)
        """Selections that lead somewhere in the dyn variables."""
        self.local: list[tuple[str, str]] = []
        self.calls = [it for library in LIBRARIES for it in overloads(library)]

    def expression(self) -> str:
        """The next expression, of a random type."""
        kind = self.random.choice((*SIMPLE, "bool", "bool", "bool", "list(int)", "dyn", "any"))
        return self.of(kind, self.random.randint(1, 5))

    def of(self, kind: str, depth: int) -> str:
        """An expression of the type `kind`, now and then of another."""
        chance = self.random.random()
        if chance < 0.03:
            kind = self.random.choice((*SIMPLE, "null_type", "list(int)", "type"))
        if kind == "any":
            kind = self.some_type()
        if depth <= 0:
            return self.leaf(kind)
        if chance < 0.10:
            return f"dyn({self.of(self.some_type() if chance < 0.04 else kind, depth - 1)})"
        choices: list[Chooser] = [
            lambda depth: self.leaf(kind),
            *[lambda depth: self.call(kind, depth)] * 5,
            lambda depth: self.ternary(kind, depth),
            lambda depth: self.element(kind, depth),
            lambda depth: self.optional_value(kind, depth),
        ]
        choices += self.special(kind)
        return self.random.choice(choices)(depth - 1)

    def some_type(self) -> str:
        return self.random.choice(
            (*SIMPLE, "null_type", "list(int)", "list(string)", "map(string, int)", "dyn", "any2")
        ).replace("any2", "kubernetes.Quantity")

    def special(self, kind: str) -> list[Chooser]:
        if kind == "bool":
            return [
                self.logic,
                self.logic,
                self.logic,
                self.quantified,
                self.presence,
                self.negation,
            ]
        if kind.startswith("list("):
            return [self.list_of(kind[5:-1])] * 3 + [self.mapped(kind[5:-1]), self.filtered(kind)]
        if kind.startswith("map("):
            key, _, value = kind[4:-1].partition(", ")
            return [self.map_of(key, value)] * 3 + [self.transformed(key, value)]
        if kind.startswith("optional("):
            return [self.optional(kind[9:-1])] * 3
        if kind == "dyn":
            return [lambda depth: self.path(), lambda depth: self.path(), self.indexed]
        if kind == "string":
            return [self.formatted]
        return []

    def leaf(self, kind: str) -> str:
        fitting = [name for name, it in (*self.variables.items(), *self.local) if it == kind]
        if fitting and self.random.random() < 0.6:
            return self.random.choice(fitting)
        if kind == "dyn":
            return (
                self.path() if self.random.random() < 0.7 else self.leaf(self.random.choice(SIMPLE))
            )
        if kind.startswith("list("):
            return f"[{self.leaf(kind[5:-1])}]" if self.random.random() < 0.8 else "[]"
        if kind.startswith("map("):
            key, _, value = kind[4:-1].partition(", ")
            filled = f"{{{self.leaf(key)}: {self.leaf(value)}}}"
            return filled if self.random.random() < 0.8 else "{}"
        if kind.startswith("optional("):
            return f"optional.of({self.leaf(kind[9:-1])})"
        return self.random.choice(_LITERALS.get(kind, ("null",)))

    def path(self) -> str:
        path = self.random.choice(self.paths)
        if self.random.random() < 0.15:
            path = path.replace(".", ".?", 1)
        return path

    def call(self, kind: str, depth: int) -> str:
        """A call of a function or operator that gives `kind`."""
        fitting = [it for it in self.calls if _gives(it, kind)]
        if not fitting:
            return self.leaf(kind)
        overload = self.random.choice(fitting)
        bound = _bound(overload, kind)
        for letter in "AB":
            bound.setdefault(letter, self.random.choice(SIMPLE))
        args = [self.of(_filled(it, bound), depth - 1) for it in overload.arguments]
        if overload.repeats and self.random.random() < 0.5:
            args.append(self.of(_filled(overload.arguments[-1], bound), depth - 1))
        if self.random.random() < 0.02:
            args.append(self.leaf("int"))
        return _written(overload, args)

    def ternary(self, kind: str, depth: int) -> str:
        condition = self.of("bool", depth)
        return f"({condition} ? {self.of(kind, depth)} : {self.of(kind, depth)})"

    def element(self, kind: str, depth: int) -> str:
        if self.random.random() < 0.5:
            return f"{self.of(f'list({kind})', depth)}[{self.of('int', 0)}]"
        return f"{self.of(f'map(string, {kind})', depth)}[{self.of('string', 0)}]"

    def optional_value(self, kind: str, depth: int) -> str:
        inner = self.of(f"optional({kind})", depth)
        if self.random.random() < 0.3:
            return f"{inner}.value()"
        return f"{inner}.orValue({self.of(kind, depth)})"

    def optional(self, kind: str) -> Chooser:
        def made(depth: int) -> str:
            name = self.fresh()
            shapes = (
                lambda: f"optional.of({self.of(kind, depth)})",
                lambda: f"optional.ofNonZeroValue({self.of(kind, depth)})",
                lambda: "optional.none()",
                lambda: f"{self.of(f'list({kind})', depth)}[?{self.of('int', 0)}]",
                lambda: f"{self.of(f'map(string, {kind})', depth)}[?{self.of('string', 0)}]",
                lambda: f"{self.of(f'map(string, {kind})', depth)}.?a",
                lambda: (
                    f"{self.of('optional(int)', depth)}"
                    f".optMap({name}, {self.under(name, 'int', kind, depth)})"
                ),
                lambda: (
                    f"{self.of('optional(string)', depth)}.optFlatMap({name}, "
                    f"{self.under(name, 'string', f'optional({kind})', depth)})"
                ),
                lambda: (
                    f"{self.of(f'optional({kind})', depth)}"
                    f".or({self.of(f'optional({kind})', depth)})"
                ),
            )
            return self.random.choice(shapes)()

        return made

    def logic(self, depth: int) -> str:
        sign = self.random.choice((" && ", " || "))
        parts = [self.of("bool", depth) for _ in range(self.random.randint(2, 4))]
        return "(" + sign.join(parts) + ")"

    def negation(self, depth: int) -> str:
        return f"!({self.of('bool', depth)})"

    def presence(self, depth: int) -> str:
        if self.random.random() < 0.2:
            return f"has({self.of('map(string, int)', depth)}.a)"
        return (
            f"has({self.random.choice([it for it in self.paths if '.' in it and it[-1] != ']'])})"
        )

    def indexed(self, depth: int) -> str:
        return (
            f"{self.path()}[{self.of(self.random.choice(('int', 'string', 'uint', 'double')), 0)}]"
        )

    def formatted(self, depth: int) -> str:
        kinds = [self.random.choice((*SIMPLE, "list(int)", "map(string, int)")) for _ in range(2)]
        values = ", ".join(f"dyn({self.of(it, depth - 1)})" for it in kinds)
        verbs = [self.random.choice("sdfebxXo") for _ in range(2)]
        text = "".join(f"%{self.random.choice(('', '', '.2'))}{it} " for it in verbs)
        return f"'{text}'.format([{values}])"

    def list_of(self, kind: str) -> Chooser:
        def made(depth: int) -> str:
            items = []
            for _ in range(self.random.randint(0, 3)):
                if self.random.random() < 0.08:
                    items.append(f"?{self.of(f'optional({kind})', depth)}")
                else:
                    items.append(self.of(kind, depth))
            return f"[{', '.join(items)}]"

        return made

    def map_of(self, key: str, value: str) -> Chooser:
        def made(depth: int) -> str:
            entries = []
            for _ in range(self.random.randint(0, 3)):
                optional = self.random.random() < 0.08
                inner = self.of(f"optional({value})" if optional else value, depth)
                entries.append(f"{'?' * optional}{self.of(key, 0)}: {inner}")
            return f"{{{', '.join(entries)}}}"

        return made

    def fresh(self) -> str:
        return f"v{len(self.local)}" if self.random.random() < 0.9 else "s"

    def under(self, name: str, kind: str, wanted: str, depth: int) -> str:
        self.local.append((name, kind))
        made = self.of(wanted, depth)
        self.local.pop()
        return made

    def range(self, depth: int) -> tuple[str, str, str]:
        """What a comprehension runs over, and the types of its one, or two, variables."""
        chance = self.random.random()
        if chance < 0.35:
            return self.path(), "dyn", "dyn"
        kind = self.random.choice(("int", "string", "double", "bool"))
        if chance < 0.8:
            return self.of(f"list({kind})", depth), "int", kind
        return self.of(f"map(string, {kind})", depth), "string", kind

    def quantified(self, depth: int) -> str:
        over, first, second = self.range(depth)
        macro = self.random.choice(("all", "exists", "exists_one", "existsOne"))
        if self.random.random() < 0.25:
            self.local.append(("k", first))
            body = self.under("w", second, "bool", depth)
            self.local.pop()
            return f"{over}.{macro}(k, w, {body})"
        name = self.fresh()
        kind = second if not over.startswith("{") else first
        return f"{over}.{macro}({name}, {self.under(name, kind, 'bool', depth)})"

    def mapped(self, kind: str) -> Chooser:
        def made(depth: int) -> str:
            over, first, second = self.range(depth)
            if self.random.random() < 0.3:
                self.local.append(("k", first))
                body = self.under("w", second, kind, depth)
                self.local.pop()
                return f"{over}.transformList(k, w, {body})"
            name = self.fresh()
            body = self.under(name, second, kind, depth)
            if self.random.random() < 0.3:
                body = f"{self.under(name, second, 'bool', depth)}, {body}"
            return f"{over}.map({name}, {body})"

        return made

    def filtered(self, kind: str) -> Chooser:
        def made(depth: int) -> str:
            name = self.fresh()
            body = self.under(name, kind[5:-1], "bool", depth)
            if self.random.random() < 0.2:
                body = self.under(name, kind[5:-1], "int", depth)
                return f"{self.of(kind, depth)}.sortBy({name}, {body})"
            return f"{self.of(kind, depth)}.filter({name}, {body})"

        return made

    def transformed(self, key: str, value: str) -> Chooser:
        def made(depth: int) -> str:
            over, first, second = self.range(depth)
            self.local.append(("k", first))
            if self.random.random() < 0.5:
                body = f"transformMap(k, w, {self.under('w', second, value, depth)})"
            else:
                entry = self.under("w", second, f"map({key}, {value})", depth)
                body = f"transformMapEntry(k, w, {entry})"
            self.local.pop()
            return f"{over}.{body}"

        return made


def _name(kind: Any) -> str:
    inner = ", ".join(_name(it) for it in kind[1:])
    name = str(kind[0]).replace("optional_type", "optional")
    return f"{name}({inner})" if inner else name


def _gives(overload: Overload, kind: str) -> bool:
    if overload.name.startswith(("@", "_[", "_?")):
        return False
    return _bound(overload, kind, strict=True) is not None


def _bound(overload: Overload, kind: str, *, strict: bool = False) -> Any:
    """What the type parameters of `overload` are where its result is `kind`, or else None."""
    result = _name(overload.result)
    if result == kind:
        return {}
    if len(result) == 1 and strict:
        # `A -> A` fits everything; such functions would crowd out the others.
        return {} if not kind.startswith(("list", "map", "optional")) else None
    if len(result) == 1:
        return {result: kind}
    for wrapper in ("list(A)", "optional(A)"):
        if result == wrapper and kind.startswith(wrapper[:-2]):
            return {"A": kind[len(wrapper) - 2 : -1]}
    return None if strict else {}


def _filled(kind: Any, bound: dict[str, str]) -> str:
    text = _name(kind)
    for letter in "AB":
        if text == letter:
            return bound[letter]
        text = text.replace(f"({letter}", f"({bound[letter]}").replace(
            f" {letter})", f" {bound[letter]})"
        )
    return text


def _written(overload: Overload, args: list[str]) -> str:
    sign = _OPERATORS.get(overload.name)
    if sign is not None and len(args) == 2:
        return f"({args[0]} {sign} {args[1]})"
    if overload.name in ("!_", "-_"):
        return f"{overload.name[0]}({', '.join(args)})"
    if overload.member:
        return f"{args[0]}.{overload.name}({', '.join(args[1:])})"
    return f"{overload.name}({', '.join(args)})"
