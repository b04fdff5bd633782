"""The declarations of all functions, library by library (see `declarations` for how they read).

Versions: k8s.io/apiserver/pkg/cel/environment.
"""

from __future__ import annotations

from portside.cel.declarations import Library
from portside.cel.kubernetes.declarations import KUBERNETES

NEVER = 1000

_OPERATORS = (
    """
    _==_|A, A -> bool = runtime.eq
    _!=_|A, A -> bool = runtime.ne
    _in_|A, list(A) -> bool = runtime.in_
    _in_|A, map(A, B) -> bool = runtime.in_
    _?_:_|bool, A, A -> A = runtime.eq
    _[_]|list(A), int -> A = runtime.index
    _[_]|map(A, B), A -> B = runtime.index
    !_|bool -> bool = runtime.not_
    -_|double -> double = runtime.neg
    -_|int -> int = runtime.neg
"""
    + "".join(
        f"\n    _{op}_|{kind}, {kind} -> {kind} = runtime.{name}"
        for op, name, kinds in (
            ("*", "mul", ("double", "int", "uint")),
            ("/", "div", ("double", "int", "uint")),
            ("%", "mod", ("int", "uint")),
        )
        for kind in kinds
    )
    + """
    _+_|bytes, bytes -> bytes = runtime.add
    _+_|double, double -> double = runtime.add
    _+_|duration, duration -> duration = runtime.add
    _+_|duration, timestamp -> timestamp = runtime.add
    _+_|timestamp, duration -> timestamp = runtime.add
    _+_|int, int -> int = runtime.add
    _+_|list(A), list(A) -> list(A) = runtime.add
    _+_|string, string -> string = runtime.add
    _+_|uint, uint -> uint = runtime.add
    _-_|double, double -> double = runtime.sub
    _-_|duration, duration -> duration = runtime.sub
    _-_|int, int -> int = runtime.sub
    _-_|timestamp, duration -> timestamp = runtime.sub
    _-_|timestamp, timestamp -> duration = runtime.sub
    _-_|uint, uint -> uint = runtime.sub
"""
)
"""In cel-go's order: the first that fits decides what is unknown."""

_NUMBERS = {"int": ("double", "uint"), "uint": ("double", "int"), "double": ("int", "uint")}
"""Each kind of number, and the others that it is compared with: in cel-go's order."""
_RELATIONS = (("<", "lt"), ("<=", "le"), (">", "gt"), (">=", "ge"))


def _comparisons(home: str, *, across: bool) -> str:
    """Comparisons of values of one type, and with `across` of numbers of two types."""
    pairs = [("bool", "bool")]
    for kind, others in _NUMBERS.items():
        pairs += [(kind, it) for it in (kind, *(others if across else ()))]
    pairs += [(kind, kind) for kind in ("string", "bytes", "timestamp", "duration")]
    return "".join(
        f"\n    _{op}_|{one}, {other} -> bool = {home}.{name}"
        for op, name in _RELATIONS
        for one, other in pairs
    )


_CORE = (
    """
    size|string -> int = library.core.size
    size|bytes -> int = library.core.size
    size|list(A) -> int = library.core.size
    size|map(A, B) -> int = library.core.size
    .size|string -> int = library.core.size
    .size|bytes -> int = library.core.size
    .size|list(A) -> int = library.core.size
    .size|map(A, B) -> int = library.core.size
    .contains|string, string -> bool = library.core.contains
    .startsWith|string, string -> bool = library.core.starts_with
    .endsWith|string, string -> bool = library.core.ends_with
    .matches|string, string -> bool = library.core.matches
    matches|string, string -> bool = library.core.matches
    dyn|A -> dyn = library.conversions.dyn
    type|A -> type(A) = library.conversions.type_
    bool|bool -> bool = library.conversions.to_bool
    bool|string -> bool = library.conversions.to_bool
    bytes|bytes -> bytes = library.conversions.to_bytes
    bytes|string -> bytes = library.conversions.to_bytes
"""
    + "".join(
        f"\n    {name}|{kind} -> {name} = library.conversions.to_{name}"
        for name, kinds in (
            ("int", ("int", "double", "duration", "string", "timestamp", "uint")),
            ("uint", ("uint", "double", "int", "string")),
            ("double", ("double", "int", "string", "uint")),
            (
                "string",
                ("string", "bool", "bytes", "double", "duration", "int", "timestamp", "uint"),
            ),
        )
        for kind in kinds
    )
    + """
    timestamp|timestamp -> timestamp = library.times.timestamp
    timestamp|int -> timestamp = library.times.timestamp
    timestamp|string -> timestamp = library.times.timestamp
    duration|duration -> duration = library.times.duration
    duration|string -> duration = library.times.duration
"""
    + "".join(
        f"\n    .{name}|timestamp{zone} -> int = library.times.{function}"
        for name, function in (
            ("getFullYear", "get_full_year"),
            ("getMonth", "get_month"),
            ("getDate", "get_date"),
            ("getDayOfMonth", "get_day_of_month"),
            ("getDayOfWeek", "get_day_of_week"),
            ("getDayOfYear", "get_day_of_year"),
            ("getHours", "get_hours"),
            ("getMinutes", "get_minutes"),
            ("getSeconds", "get_seconds"),
        )
        for zone in ("", ", string")
    )
    + """
    .getHours|duration -> int = library.times.get_hours
    .getMinutes|duration -> int = library.times.get_minutes
    .getSeconds|duration -> int = library.times.get_seconds
"""
)
_MILLISECONDS = """
    .getMilliseconds|timestamp -> int = library.times.get_milliseconds
    .getMilliseconds|timestamp, string -> int = library.times.get_milliseconds
    .getMilliseconds|duration -> int = library.times.get_milliseconds
"""
_KUBERNETES_MILLISECONDS = _MILLISECONDS.replace("get_milliseconds", "all_milliseconds")

_OPTIONALS = """
    _[_]|optional(list(A)), int -> optional(A) = runtime.index
    _[_]|optional(map(A, B)), A -> optional(B) = runtime.index
    _[?_]|list(A), int -> optional(A) = runtime.optional_index
    _[?_]|optional(list(A)), int -> optional(A) = runtime.optional_index
    _[?_]|map(A, B), A -> optional(B) = runtime.optional_index
    _[?_]|optional(map(A, B)), A -> optional(B) = runtime.optional_index
    optional.of|A -> optional(A) = library.optionals.of
    optional.ofNonZeroValue|A -> optional(A) = library.optionals.of_non_zero_value
    optional.none| -> optional(A) = library.optionals.none
    optional.unwrap|list(optional(A)) -> list(A) = library.optionals.unwrap
    .unwrapOpt|list(optional(A)) -> list(A) = library.optionals.unwrap
    .hasValue|optional(A) -> bool = library.optionals.has_value
    .value|optional(A) -> A = library.optionals.value_of
    .or|optional(A), optional(A) -> optional(A) = library.optionals.or_
    .orValue|optional(A), A -> A = library.optionals.or_value
    .first|list(A) -> optional(A) = library.lists.first
    .last|list(A) -> optional(A) = library.lists.last
"""

_STRINGS = """
    .charAt|string, int -> string = library.strings.char_at
    .lowerAscii|string -> string = library.strings.lower_ascii
    .upperAscii|string -> string = library.strings.upper_ascii
    .replace|string, string, string -> string = library.strings.replace
    .replace|string, string, string, int -> string = library.strings.replace
    .split|string, string -> list(string) = library.strings.split
    .split|string, string, int -> list(string) = library.strings.split
    .substring|string, int -> string = library.strings.substring
    .substring|string, int, int -> string = library.strings.substring
    .trim|string -> string = library.strings.trim
    .join|list(string) -> string = library.strings.join
    .join|list(string), string -> string = library.strings.join
"""
_PLACES = """
    .indexOf|string, string -> int = library.strings.index_of
    .indexOf|string, string, int -> int = library.strings.index_of
    .lastIndexOf|string, string -> int = library.strings.last_index_of
    .lastIndexOf|string, string, int -> int = library.strings.last_index_of
"""
_KUBERNETES_PLACES = _PLACES.replace("library.strings", "kubernetes.places")
_FORMAT = """
    .format|string, list(dyn) -> string = library.formatting.format_text
"""
_KUBERNETES_FORMAT = _FORMAT.replace("library.formatting", "kubernetes.texts")
_STRINGS_2 = """
    strings.quote|string -> string = library.strings.quote
"""
_REVERSE = """
    .reverse|string -> string = library.strings.reverse
"""

_SETS = """
    sets.contains|list(A), list(A) -> bool = library.sets.contains
    sets.equivalent|list(A), list(A) -> bool = library.sets.equivalent
    sets.intersects|list(A), list(A) -> bool = library.sets.intersects
"""

_LISTS = """
    .slice|list(A), int, int -> list(A) = library.lists.slice_
    .flatten|list(list(A)) -> list(A) = library.lists.flatten
    .flatten|list(dyn), int -> list(dyn) = library.lists.flatten
    .distinct|list(A) -> list(A) = library.lists.distinct
    .reverse|list(A) -> list(A) = library.lists.reverse
    lists.range|int -> list(int) = library.lists.range_
"""
_COMPARABLE = ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes")
_SORTS = "".join(
    f"""
    .sort|list({kind}) -> list({kind}) = library.lists.sort
    .@sortByKeys|list(A), list({kind}) -> list(A) = library.lists.sort_by_keys"""
    for kind in _COMPARABLE
)

_KUBERNETES_LISTS = (
    """
    .indexOf|list(A), A -> int = library.lists.position_of
    .lastIndexOf|list(A), A -> int = library.lists.last_position_of
"""
    + "".join(
        f"""
    .isSorted|list({kind}) -> bool = library.lists.is_sorted
    .min|list({kind}) -> {kind} = library.lists.min_
    .max|list({kind}) -> {kind} = library.lists.max_"""
        for kind in _COMPARABLE
    )
    + "".join(
        f"\n    .sum|list({kind}) -> {kind} = library.lists.sum_{'' if kind == 'int' else kind}"
        for kind in ("int", "uint", "double", "duration")
    )
)
_INCLUDES = """
    .includes|dyn, dyn -> bool = library.lists.includes
"""

_MATH = (
    """
    math.least|dyn, dyn... -> dyn = library.mathematics.least
    math.greatest|dyn, dyn... -> dyn = library.mathematics.greatest
    math.least|dyn -> dyn = library.mathematics.least
    math.greatest|dyn -> dyn = library.mathematics.greatest
    math.ceil|double -> double = library.mathematics.ceil
    math.floor|double -> double = library.mathematics.floor
    math.round|double -> double = library.mathematics.round_
    math.trunc|double -> double = library.mathematics.trunc
    math.isInf|double -> bool = library.mathematics.is_inf
    math.isNaN|double -> bool = library.mathematics.is_nan
    math.isFinite|double -> bool = library.mathematics.is_finite
"""
    + "".join(
        f"""
    math.abs|{kind} -> {kind} = library.mathematics.abs_
    math.sign|{kind} -> {kind} = library.mathematics.sign
    math.sqrt|{kind} -> double = library.mathematics.sqrt"""
        for kind in ("int", "uint", "double")
    )
    + "".join(
        f"""
    math.bitAnd|{kind}, {kind} -> {kind} = library.mathematics.bit_and
    math.bitOr|{kind}, {kind} -> {kind} = library.mathematics.bit_or
    math.bitXor|{kind}, {kind} -> {kind} = library.mathematics.bit_xor
    math.bitNot|{kind} -> {kind} = library.mathematics.bit_not
    math.bitShiftLeft|{kind}, int -> {kind} = library.mathematics.bit_shift_left
    math.bitShiftRight|{kind}, int -> {kind} = library.mathematics.bit_shift_right"""
        for kind in ("int", "uint")
    )
)

_ADDRESSES = """
    ip|string -> net.IP = library.network.ip_address
    isIP|string -> bool = library.network.is_ip
"""

_ENCODERS = """
    base64.encode|bytes -> string = library.encoders.base64_encode
    base64.decode|string -> bytes = library.encoders.base64_decode
"""

LIBRARIES: tuple[Library, ...] = (
    Library("operators", _OPERATORS),
    Library("comparisons", _comparisons("library.ordering", across=True), since=NEVER),
    Library(
        "comparisons, in Kubernetes", _comparisons("runtime", across=False), cel=False, until=28
    ),
    Library(
        "comparisons across types inside of comprehensions, in Kubernetes",
        _comparisons("runtime", across=True).replace(" _", " @inner_"),
        cel=False,
        until=28,
    ),
    Library(
        "comparisons across types, in Kubernetes",
        _comparisons("runtime", across=True),
        cel=False,
        since=28,
    ),
    Library("standard", _CORE),
    Library("milliseconds", _MILLISECONDS, since=NEVER),
    Library("milliseconds, in Kubernetes", _KUBERNETES_MILLISECONDS, cel=False),
    Library("optionals", _OPTIONALS, since=28),
    Library("strings", _STRINGS),
    Library("places in strings", _PLACES, since=NEVER),
    Library("places in strings, in Kubernetes", _KUBERNETES_PLACES, cel=False),
    Library("formatting", _FORMAT, since=NEVER),
    Library("formatting, in Kubernetes", _KUBERNETES_FORMAT, cel=False, since=29),
    Library("strings 2", _STRINGS_2, since=29),
    Library("strings 3", _REVERSE, since=NEVER),
    Library("sets", _SETS, since=29),
    Library("lists", _LISTS + _SORTS, since=34),
    Library("Kubernetes lists", _KUBERNETES_LISTS, cel=False),
    Library("Kubernetes lists 1", _INCLUDES, cel=False, since=37),
    Library("math", _MATH, since=NEVER),
    Library("encoders", _ENCODERS, since=NEVER),
    Library("IP addresses, in full CEL", _ADDRESSES, since=NEVER),
    *KUBERNETES,
)
"""Every library, in no order that matters."""
