"""The wall as text: the same numbers as on the boards, then what changes."""

import pytest

from octui.cli.commands.wall import turn_seconds
from octui.state.wall import Wall, WallPage
from octui.ui.locale import Words
from octui.ui.wall.text import alarm_lines, change_lines, trouble_line, wall_table
from unit.floors import NOW, ZONE, floor_of

T = Words("en")
CALM = floor_of("cs", "cards")


def page_of(*floors: object, now: int = NOW, failing: bool = False) -> WallPage:
    wall = Wall()
    wall.failing = failing
    wall.set_services([(floor.service, floor.name, ZONE) for floor in floors])  # type: ignore[attr-defined]
    for floor in floors:
        wall.set_floor(floor.service, floor)  # type: ignore[attr-defined, arg-type]
    return wall.page(now, 1000, both=True)


def test_the_table_has_both_boards_of_every_service_and_the_sum() -> None:
    labels, rows = wall_table(page_of(floor_of("cs", "cards", waiting=2, wait_s=70), floor_of("b", age_s=90)), T)
    assert len({len(labels), *map(len, rows)}) == 1
    assert dict(zip(labels, rows[0], strict=True)) == {
        "Service": "cards",
        "Customers waiting": "2",
        "Longest": "01:10",
        "Offered": "100",
        "Answered": "90",
        "Abandoned": "8",
        "LOGIN": "10",
        "Available": "3",
        "In calls": "4",
        "O/B": "1",
        "Break/work": "2",
        "Answer rate": "90 ○",
        "Service level": "85 ○",
        "": "",
    }
    assert rows[1][0] == "~고객상담"
    assert rows[1][-1] == "figures 1 min ago"
    assert rows[2][:2] == ["~Total", "2"]


def test_unknown_figures_are_dashes() -> None:
    _, rows = wall_table(page_of(floor_of("cs", "cards", is_known=False)), T)
    assert set(rows[0][1:-1]) == {"–"}


def test_alarms_and_troubles_are_lines() -> None:
    assert alarm_lines(page_of(floor_of("cs", "cards", waiting=2, wait_s=70)), T) == [
        "! cards  2 waiting, longest wait over 60 s  since 14:32"
    ]
    lost = page_of(floor_of(age_s=40), failing=True)
    assert trouble_line(lost, T) == "Connection lost 14:31:30  trying again until the server answers"


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (CALM, []),
        (floor_of("cs", "cards", waiting=1, wait_s=1), ["cards: Customers waiting 1"]),
        (floor_of("cs", "cards", calls=(101, 90, 8, 85)), ["cards: Offered 101, Answer rate 89 ○, Service level 84 △"]),
        (
            floor_of("cs", "cards", waiting=1, wait_s=61),
            [
                "cards: Customers waiting 1, longest 01:01",
                "! cards  1 waiting, longest wait over 60 s  since 14:32",
            ],
        ),
        (
            floor_of("cs", "cards", age_s=40),
            [
                "No new figures 14:31:30  the server answers, but its sources of calls are silent",
                "cards: figures 40 s ago",
            ],
        ),
    ],
)
def test_a_change_is_a_line(after: object, lines: list[str]) -> None:
    assert list(change_lines(page_of(CALM), page_of(after), T)) == lines


def test_the_end_of_an_alarm_and_fresh_figures_are_lines() -> None:
    before = page_of(floor_of("cs", "cards", waiting=1, wait_s=61))
    assert "cards: nothing needs a look any more" in list(change_lines(before, page_of(CALM), T))
    silent = page_of(floor_of("cs", "cards", age_s=40))
    assert list(change_lines(silent, page_of(CALM), T)) == ["Figures come again", "cards: figures are fresh"]


@pytest.mark.parametrize("text", ["0", "3601", "-1", "1.5", "", "٣", "9" * 400])
def test_a_turn_of_no_use_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="1 to 3600 seconds"):
        turn_seconds(text)


def test_a_turn_is_a_number_of_seconds() -> None:
    assert turn_seconds("15") == 15
