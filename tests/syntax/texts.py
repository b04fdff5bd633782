"""Random YAML and JSON texts: fragments mixed, and real files damaged letter by letter."""

# ruff: noqa: E501 - tables of fragments

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.shared import SHARED

_SCALARS = (
    *("y", "n", "yes", "No", "ON", "off", "true", "False", "TRUE", "null", "Null", "~", ""),
    *("0", "1", "-1", "+1", "007", "0o17", "0x1F", "0b101", "-0b11", "+0x1", "1_000", "0_7", "08"),
    *("1.5", "1.", ".5", "-.5", "1e3", "1E+3", "1e-3", "1.0", "1e400", "-0.0", ".5_0", "1__2", "."),
    *(".inf", "-.INF", ".nan", "+.inf", "inf", "NaN", "0x", "0b", "0b2", "-", "+", "1e", "e1"),
    *("9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616"),
    *("-9223372036854775808", "-9223372036854775809", "1e20", "1e21", "123456789.125", "16777217"),
    *("2001-01-01", "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5"),
    *("12:30:45", "190:20:30.15", "=", "<<", "a", "a b", "a#b", "a #b", "a: b", "a:b", "a?b", "?a"),
    *("'a'", '"a"', "'it''s'", '"a\\nb"', '"\\u263a"', '"\\x41"', '"\\/"', '"\\ud83d\\ude00"', '"a'),
    *("'a", '"\\q"', '"a\\\n  b"', "'a\n  b'", "a\n  b", "!!str 1", "!!int 3", "!!int x", "!!float 1"),
    *('!!int "3"', "!!bool yes", "!!null", '!!null ""', "!!binary aGk=", "!!binary !", "!foo bar"),
    *("!!timestamp 2001-01-01", "!!timestamp x", "! a", "! 1", "!<tag:yaml.org,2002:str> 1", "&x 1"),
    *("*x", "*y", "&y {a: 1}", "&z [1]", "*z", "{}", "[]", "{a: 1, b: [c]}", "[a, b]", "{a}", "[a: b]"),
    *("{a: }", "{a:}", "{a:1}", '{"a":1}', "[a, ]", "[,]", "{?}", "{? a : b}", "[?a]", "[a?]", "{a? : b}"),
    *("[a:b, c]", "[:]", "[: a]", "[a:]", "{:a}", "[- a]", "[-a]", "[-]", "{a: b,}", "[!!str, a]", "[!a,b]"),
    *("|\n  a\n", "|-\n  a\n\n", "|+\n  a\n\n", ">\n  a\n  b\n", ">-\n  a\n\n  b\n", ">+\n  a\n\n", "|2\n   a\n"),
    *("|1-\n  a\n", "|\n  a\n --- b\n", "|\n\n  a\n", "|\n", ">\n  a\n   b\n  c\n", "| # c\n  a\n", "|-#c\n  a\n"),
    *("a\tb", "a\t", "\ta", "é", "\u0085", "\u2028", "a\u2028b", "😀", "\ufeff", "%a", "@a", "`a", "#", "# c"),
    *("'a' b", '"a"b', "[a]b", "{{ .Values.a }}", "{{a}}", "- a", "? a", ": a", "---", "...", "--- a", "-- a"),
    *("a  # c", "'#'", "a:", ":a", "a,b", "[a", "{a", "]", "}", ",", "&", "*", "!", "!!", "|", ">", "&a", "&a b"),
)  # fmt: skip
_KEYS = (
    *("a", "b", "c", "1", "1.0", "1e6", "0x10", "true", "yes", "null", "~", "", ".nan", "-.inf"),
    *("2001-01-01", '"a"', "'b'", "<<", '"<<"', "!!str 1", "? a", "{a: b}", "[a]", "*x", "&k a"),
    *("a b", "a#", "?", "-", "=", "a:b", "é", "18446744073709551615", "1e400", "!!binary aGk=", '"1"'),
)  # fmt: skip
_BREAKS = ("\n",) * 40 + ("\r\n", "\r", "\r\r\n", "\u0085", "\u2028", "\n\n", "\n\t\n", "\n \n")
_SEPARATORS = ("---\n", "--- # c\n", "--- a\n", "---\t\n", "----\n", "...\n", "... # c\n", "...\n---\n",
               "%YAML 1.1\n---\n", "%YAML 1.2\n---\n", "%YAML 2.0\n---\n", "%TAG ! tag:x,2000:\n---\n",
               "%FOO\n---\n", "# c\n", "--- |\n  a\n", "---\ufeff\n", "\ufeff---\n", " ---\n", "---a\n")  # fmt: skip
_LETTERS = "\t\n\r \"#%&'*+,-./0123:<=>?@ABCDE[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~!\0\x07\x7f\u0085\u00a0\u2028\ufeffé😀"


class Texts:
    """Random texts from a seed; `real` are the texts that are damaged."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.real = list(_real_texts())

    def __call__(self) -> bytes:
        roll = self.random.random()
        if roll < 0.5:
            text = self._stream()
        elif roll < 0.55:
            text = self._json()
        elif self.real:
            text = self._damaged(self._part(self.random.choice(self.real)))
        else:
            text = self._damaged(self._stream())
        data = text.encode("utf-8", "surrogatepass")
        if self.random.random() < 0.01:
            data = (
                self.random.choice(
                    (b"\xef\xbb\xbf", b"\xff", b"\xc3\x28", b"\xef\xbb\xbf\xef\xbb\xbf")
                )
                + data
            )
        return data

    def _stream(self) -> str:
        parts = []
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            parts.append(self._block(0, self.random.randint(0, 3)))
            if self.random.random() < 0.4:
                parts.append(self.random.choice(_SEPARATORS))
        text = "".join(parts)
        if self.random.random() < 0.1:
            text = self.random.choice(_SEPARATORS) + text
        if self.random.random() < 0.1:
            text = text.removesuffix("\n")
        return self._damaged(text) if self.random.random() < 0.3 else text

    def _block(self, indent: int, depth: int) -> str:
        random = self.random
        lines = []
        is_map = random.random() < 0.7
        for _ in range(random.randint(1, 4)):
            lead = " " * indent
            head = f"{lead}{random.choice(_KEYS) if random.random() < 0.3 else random.choice('abcdef')}:"
            head = head if is_map else f"{lead}-"
            if depth and random.random() < 0.5:
                tag = random.choice(("",) * 6 + (" &x", " &y", " !!map", " # c"))
                step = random.choice((2, 2, 2, 1, 4, 0))
                lines.append(f"{head}{tag}{self._break()}{self._block(indent + step, depth - 1)}")
            else:
                scalar = random.choice(_SCALARS).replace("\n", "\n" + lead)
                gap = random.choice((" ",) * 20 + ("", "  ", "\t"))
                lines.append(f"{head}{gap}{scalar}{self._break()}")
        return "".join(lines)

    def _break(self) -> str:
        comment = " # c" if self.random.random() < 0.03 else ""
        return comment + self.random.choice(_BREAKS)

    def _json(self) -> str:
        values = [self._json_value(3) for _ in range(self.random.choice((1, 1, 1, 2, 3)))]
        between = self.random.choice(
            (" ", "\n", "", "\n---\n", "\n\n", "\n# c\n", ",", "\n---", "\na: b\n---\n")
        )
        text = (
            self.random.choice(("", "", " ", "\n"))
            + between.join(values)
            + self.random.choice(("\n", "", " x"))
        )
        return self._damaged(text) if self.random.random() < 0.3 else text

    def _json_value(self, depth: int, in_map: bool = True) -> str:
        random = self.random
        space = random.choice(("", " ", "\n  ", "\t"))
        if not depth or (in_map and depth < 3 and random.random() < 0.4):
            return random.choice((
                *('"a"', "1", "-1.5", "1e3", "true", "null", '"\\u00e9"', '"\\ud83d\\ude00"', '"\\ud800"'),
                *('"\\/"', '"\u2028"', "12345678901234567890", "1e21", "-0", '"a\\nb"', "[]", "{}"),
                *('"\x7f"', '"é😀"', "NaN", "01", "yes", "'a'", '"a\tb"', "1.0", "1E400", '"a # b"', '"a: b"'),
            ))  # fmt: skip
        inner = [self._json_value(depth - 1) for _ in range(random.randint(0, 3))]
        if depth < 3 and random.random() < 0.4:
            return "[" + f",{space}".join(inner) + "]"
        colon = random.choice((": ", ":", " : "))
        keys = [
            random.choice(('"a"', '"b"', '"c"', '"\\u0061"', '"a b"', '""', '"1"')) for _ in inner
        ]
        return (
            "{"
            + space
            + f",{space}".join(k + colon + v for k, v in zip(keys, inner, strict=True))
            + "}"
        )

    def _part(self, text: str) -> str:
        lines = text.splitlines(keepends=True)
        begin = self.random.randrange(max(1, len(lines)))
        return "".join(lines[begin : begin + self.random.randint(5, 60)])

    def _damaged(self, text: str) -> str:
        for _ in range(self.random.choice((0, 1, 1, 2, 3))):
            text = self.random.choice((self._letter, self._line))(text)
        return text

    def _letter(self, text: str) -> str:
        random = self.random
        at = random.randrange(len(text) + 1)
        put = random.choice((random.choice(_LETTERS), random.choice(_SCALARS), ""))
        return text[:at] + put + text[at + random.choice((0, 0, 1, 2)) :]

    def _line(self, text: str) -> str:
        random = self.random
        lines = text.splitlines(keepends=True)
        if not lines:
            return text
        at = random.randrange(len(lines))
        lines[at] = random.choice((
            "", lines[at] * 2, " " + lines[at], lines[at].lstrip(), lines[at].removesuffix("\n"),
            random.choice(_SEPARATORS), "\t" + lines[at], lines[at] + random.choice(_SEPARATORS),
            lines[at].replace(": ", ":", 1), lines[at].rstrip() + " # c\n",
            f"{lines[at].partition(':')[0]}: {random.choice(_SCALARS)}\n",
        ))  # fmt: skip
        return "".join(lines)


def _real_texts() -> Iterator[str]:
    for corpus in ("realworld", "helm-golden"):
        for path in sorted((SHARED / "corpora" / corpus).rglob("*")):
            if path.suffix in (".yaml", ".yml", ".json") and path.is_file():
                yield path.read_bytes().decode("utf-8", "replace")


_NUMERIC = ("0123456789+-._eExXobBOaAfFnNiIyYtTuUlLsS~:<=ZT ", "0_1e.+-xob7f")
_PIECES = (
    *"abc:-?,[]{}#&*!|>'\"%@`\\ \n\n\n  \t0~.=<é",
    *("\n  ", "\n- ", ": ", "- ", "? ", "\r\n", "---\n", "...\n"),
)
_TAGS = ("int", "float", "str", "bool", "null", "timestamp", "binary")


def scalars(random: Random) -> bytes:
    """A small document of words that look like numbers, as values, keys and behind tags."""
    words = [_word(random) for _ in range(20)]
    forms = (
        f"a: {words[0]}\n",
        f"{words[0]}: a\n",
        f"a: !!{random.choice(_TAGS)} {words[0]}\n",
        f"[{', '.join(words[:5])}]\n",
        "".join(f"- {word}\n" for word in words),
    )
    return random.choice(forms).encode()


def _word(random: Random) -> str:
    letters = random.choice(_NUMERIC)
    return "".join(random.choices(letters, k=random.randint(1, 8))).strip() or "0"


def pieces(random: Random) -> bytes:
    """What YAML takes for more than a letter, in any order."""
    return "".join(random.choices(_PIECES, k=random.randint(2, 25))).encode()
