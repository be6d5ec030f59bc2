"""Rules for the source text that no linter checks: circles, sizes, names and citations (CONTRIBUTING.md)."""

import ast
import graphlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "octui"
LONGEST_FILE = 600
LONGEST_FUNCTION = 60
MOST_ONE_WORD_NAMES = 0.40
FRAMEWORK_NAMES = ("on_", "action_", "watch_", "compose", "render")
"""Beginnings of method names that Textual chooses."""

NUMBER = r"[RM]?\d+(?:\.\d+)*"
NUMBERS = rf"{NUMBER}(?:[–-]{NUMBER})?(?:(?:,| and) {NUMBER}(?:[–-]{NUMBER})?)*"
CITATION = re.compile(rf"(?:\b(?P<page>[\w-]+)\.md,?(?: rules?)?|\b[Rr]ules?) (?P<numbers>{NUMBERS})\b(?! %)")
CITED_HEADING = re.compile(r'\b(?P<page>[\w-]+)\.md, "(?P<heading>[^"]+)"')
LINK = re.compile(r"\]\((?P<page>[^)#:\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@cache
def modules() -> dict[str, tuple[Path, ast.Module]]:
    """The modules of octui by dotted name."""
    names = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        names[name] = (path, ast.parse(path.read_text(encoding="utf-8")))
    return names


def imported_names(tree: ast.Module) -> Iterator[str]:
    """Every imported name, also under TYPE_CHECKING and inside functions, as the module or a name in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in modules() else str(node.module)


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for name, (_, tree) in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name}:{node.lineno} {node.name}", node


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {
        name: {imported for imported in imported_names(tree) if imported in modules() and imported != name}
        for name, (_, tree) in modules().items()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"circle: {' -> '.join(error.args[1])}")


def test_no_file_is_too_long() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, (path, _) in modules().items()}
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FILE}


def test_no_function_is_too_long() -> None:
    lengths = {place: (node.end_lineno or 0) - node.lineno + 1 for place, node in functions()}
    assert not {place: length for place, length in lengths.items() if length > LONGEST_FUNCTION}


def test_functions_have_names_of_several_words() -> None:
    names = [
        node.name
        for _, node in functions()
        if not re.fullmatch(r"__\w+__", node.name) and not node.name.startswith(FRAMEWORK_NAMES)
    ]
    one_word = [name for name in names if "_" not in name.strip("_")]
    assert len(one_word) / len(names) <= MOST_ONE_WORD_NAMES


def test_modules_have_docstrings() -> None:
    assert not [
        name for name, (path, tree) in modules().items() if path.name != "__init__.py" and not ast.get_docstring(tree)
    ]


def test_limits_of_complexity_and_docstrings_have_no_exceptions() -> None:
    exception = re.compile(r"# noqa: .*\b(?:D\d+|C901|PLR0913)")
    assert not [name for name, (path, _) in modules().items() if exception.search(path.read_text(encoding="utf-8"))]


@cache
def pages() -> dict[str, str]:
    """The Markdown pages of the repository by path."""
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}


def texts() -> Iterator[tuple[str, str]]:
    """Every source file, test and page, with the breaks of its lines as spaces."""
    sources = [*SOURCE.rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").glob("*.py")]
    yield from pages().items()
    for path in sources:
        if path != Path(__file__):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def joined_lines(text: str) -> str:
    return re.sub(r"\s*\n\s*(?:#:? )?", " ", text)


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)


def numbers_of(page: str) -> set[str]:
    """The numbers that can be cited on a page: of its headings, its rules, and its tables of requirements."""
    text = pages()[f"docs/{page}.md"]
    numbers = {match[1] for heading in headings(text) if (match := re.match(r"(\d+(?:\.\d+)*)\.? ", heading))}
    if page == "rules":
        numbers |= set(re.findall(r"^(\d+)\. ", text, re.MULTILINE))
    return numbers | set(re.findall(r"^\| ([RM]\d+) \|", text, re.MULTILINE))


def cited_numbers(numbers: str) -> Iterator[str]:
    """Each number of "27–31, 33 and R4", ranges in full."""
    for part in re.split(r", | and ", numbers):
        first, *last = re.split("[–-]", part)
        yield first
        if last:
            letter = first.rstrip("0123456789.")
            yield from (
                f"{letter}{number}" for number in range(int(first[len(letter) :]) + 1, int(last[0].lstrip("RM")) + 1)
            )


def test_cited_numbers_exist() -> None:
    missing = []
    for name, text in texts():
        for citation in CITATION.finditer(joined_lines(text)):
            page = citation["page"] or "rules"
            assert f"docs/{page}.md" in pages(), f"{name} cites {citation[0]}"
            unknown = set(cited_numbers(citation["numbers"])) - numbers_of(page)
            missing += [f"{name}: {citation[0]}"] if unknown else []
    assert not missing


def test_named_files_exist() -> None:
    missing = [
        f"{name}: {path}"
        for name, text in texts()
        for path in re.findall(r"(?<![\w/.<>-])((?:[\w-]+/)+[\w-]+\.py)\b", text)
        if not any((folder / path).exists() for folder in (SOURCE, *(ROOT / name).parents))
    ]
    assert not missing


def test_cited_pages_and_headings_exist() -> None:
    names = {Path(page).name for page in pages()}
    missing = []
    for name, text in texts():
        joined = joined_lines(text)
        missing += [f"{name}: {page}" for page in re.findall(r"[\w-]+\.md\b", joined) if page not in names]
        missing += [
            f"{name}: {citation[0]}"
            for citation in CITED_HEADING.finditer(joined)
            if citation["heading"] not in headings(pages()[f"docs/{citation['page']}.md"])
        ]
    assert not missing


@pytest.mark.parametrize("page", pages())
def test_links_between_pages_lead_somewhere(page: str) -> None:
    missing = []
    for link in LINK.finditer(FENCE.sub("", pages()[page])):
        target = (ROOT / page).parent / link["page"] if link["page"] else ROOT / page
        if not target.exists():
            missing.append(link[0])
        elif link["anchor"] is not None:
            text = target.read_text(encoding="utf-8")
            anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings(text)}
            missing += [link[0]] if link["anchor"] not in anchors else []
    assert not missing
