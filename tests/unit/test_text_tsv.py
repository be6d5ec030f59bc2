import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.text.safe import safe
from octui.text.tsv import Block, Problem, ProblemCode, format_block, parse_block


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("\r", []),
        ("a", [["a"]]),
        ("a\tb\rc\td\r", [["a", "b"], ["c", "d"]]),
        ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
        ("a\tb\nc\td", [["a", "b"], ["c", "d"]]),
        ("a\n\nb\n\n", [["a"], [""], ["b"], [""]]),
        ("a\t\tb\n\t", [["a", "", "b"], ["", ""]]),
        ('"말 ""하기"""\t7001', [['말 "하기"', "7001"]]),
        (unicodedata.normalize("NFD", "김민수") + "\t07001", [["김민수", "07001"]]),
        ('5" 화면\tx', [['5" 화면', "x"]]),
        ("a\u00a0b", [["a b"]]),
    ],
)
def test_parse(text: str, rows: list[list[str]]) -> None:
    assert parse_block(text) == Block(rows, [])


@pytest.mark.parametrize(
    ("text", "rows", "problems"),
    [
        ('"두\r줄"\tb', [["두\n줄", "b"]], [Problem(ProblemCode.NEWLINE, 0, 0)]),
        ("a\tb\x1b[2J", [["a", "b\ufffd[2J"]], [Problem(ProblemCode.CONTROL, 0, 1)]),
        ("a\nb\u200b", [["a"], ["b\ufffd"]], [Problem(ProblemCode.CONTROL, 1, 0)]),
        ('"홍"길동\tb', [['"홍"길동', "b"]], [Problem(ProblemCode.QUOTES)]),
        ('"a\tb\nc', [['"a', "b"], ["c"]], [Problem(ProblemCode.QUOTES)]),
        ("가" * 5000, [["가" * 4095 + "…"]], [Problem(ProblemCode.LONG, 0, 0, 5000)]),
        ("x" * 200_000, [["x" * 4095 + "…"]], [Problem(ProblemCode.LONG, 0, 0, 200_000)]),
        ("\t".join("x" * 60), [["x"] * 50], [Problem(ProblemCode.COLUMNS, 0, 50, 60)]),
    ],
)
def test_problems_are_named(text: str, rows: list[list[str]], problems: list[Problem]) -> None:
    assert parse_block(text) == Block(rows, problems)


def test_too_many_rows() -> None:
    block = parse_block("x\r" * 5001)
    assert len(block.rows) == 5000
    assert block.problems == [Problem(ProblemCode.ROWS, 5000, count=5001)]


cells = st.text(st.one_of(st.characters(), st.sampled_from('\t\n\r" "가=')), max_size=10)


@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=5))
def test_formatted_block_is_parsed_back(rows: list[list[str]]) -> None:
    assert parse_block(format_block(rows)).rows == [[safe(cell, multiline=True) for cell in row] for row in rows]


@given(st.text())
def test_any_pasted_block_is_safe(text: str) -> None:
    for row in parse_block(text).rows:
        assert row
        assert all(safe(cell, multiline=True) == cell for cell in row)


def test_format_block_quotes_as_excel() -> None:
    assert format_block([["a", "b\tc"], ['"', ""], ["=1+1", "다"]]) == 'a\t"b\tc"\n""""\t\n=1+1\t다'
