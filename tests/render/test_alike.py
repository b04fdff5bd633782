"""What is taken for comments, without parsing it, is no part of any value."""

from __future__ import annotations

from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portside.render.alike import comments_only
from portside.render.marks import documents
from portside.syntax import Document

MARK = " #pv:7:vp"
TEXT = """\
# a comment
a: b
long:
  - one # two
  - "x"
block: |
  one
  two

folded: >-
  three
  four
plain: five
  six
quoted: 'seven

  eight'
flow: [1,
  2]
none:
below:
  "text"
---
c: d
"""
PLAIN = (1, 2, 3, 4, 5, 6, 10, 14, 17, 18, 19, 20, 22, 23, 24)
"""The lines of TEXT behind which a comment may stand, and no text of several lines is near."""


def with_marks(*numbers: int) -> str:
    lines = TEXT.split("\n")
    return "\n".join(it + MARK if at in numbers else it for at, it in enumerate(lines, 1))


@pytest.mark.parametrize("number", PLAIN)
def test_a_marker_behind_a_line_that_no_text_goes_on_from_is_a_comment(number: int) -> None:
    assert comments_only(documents(TEXT), TEXT, with_marks(number))


@pytest.mark.parametrize("number", sorted(set(range(1, 25)) - set(PLAIN)))
def test_a_marker_within_a_text_is_not_taken_for_one(number: int) -> None:
    assert not comments_only(documents(TEXT), TEXT, with_marks(number))


@given(numbers=st.sets(st.integers(1, 24)))
def test_what_is_taken_for_comments_changes_no_value(numbers: set[int]) -> None:
    marked = with_marks(*numbers)
    if comments_only(documents(TEXT), TEXT, marked):
        for one, other in zip_longest(documents(TEXT), documents(marked)):
            assert isinstance(one, Document)
            assert isinstance(other, Document)
            assert repr(one.value) == repr(other.value)


@pytest.mark.parametrize(
    ("plain", "marked"),
    [
        ("a: b\n", f"a: c{MARK}\n"),
        ("a: b\n", f"a: b{MARK} c\n"),
        ("a: b\n", f"a: b{MARK}\nc: d\n"),
        ("a: b\r\n", f"a: b{MARK}\r\n"),
        ('{"a": 1}\n', f'{{"a": 1}}{MARK}\n'),
        ("a: 'b\n  c'\na: d\n", f"a: 'b{MARK}\n  c'\na: d\n"),
    ],
)
def test_what_is_not_plainly_alike_is_left_to_the_parser(plain: str, marked: str) -> None:
    assert not comments_only(documents(plain), plain, marked)
