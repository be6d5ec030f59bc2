"""The wall as plain text: one table of both boards, then a line for every change."""

from collections.abc import Iterator

from octui.state.floor import FloorRow, Rate
from octui.state.wall import Board, WallPage
from octui.text.glyphs import glyphs
from octui.ui.locale import Words
from octui.ui.wall import words
from octui.ui.wall.columns import ANSWER_RATE, COLUMNS, LONGEST, SERVICE, SERVICE_LEVEL, TOTAL, WAITING, count_text
from octui.ui.wall.parts import LONG_WAIT_MS, mark_of


def wall_table(page: WallPage, t: Words) -> tuple[list[str], list[list[str]]]:
    """Return the table's labels, and a row of texts for each service and the sum."""
    middle = [column.label for board in Board for column in COLUMNS[board]]
    labels = [t(label) for label in (SERVICE, WAITING, LONGEST, *middle, ANSWER_RATE, SERVICE_LEVEL)]
    rows = [_table_row(row, row.name, t) for row in page.rows]
    return [*labels, ""], [*rows, _table_row(page.total, ("~" if page.total.partial else "") + t(TOTAL), t)]


def _table_row(row: FloorRow, name: str, t: Words) -> list[str]:
    wait = glyphs().unknown if row.longest_wait_ms is None else words.wait_text(row.longest_wait_ms)
    counts = [count_text(column.value(row)) for board in Board for column in COLUMNS[board]]
    rates = _rate_texts(row)
    age = words.age_badge(row, t) if row.service else ""
    return [f"~{name}" if row.is_old else name, count_text(row.waiting), wait, *counts, *rates, age]


def _rate_text(rate: Rate | None) -> str:
    return glyphs().unknown if rate is None else f"{rate.percent} {mark_of(rate.verdict)}"


def _rate_texts(row: FloorRow) -> tuple[str, str]:
    return _rate_text(row.answer_rate), _rate_text(row.service_level)


def alarm_lines(page: WallPage, t: Words) -> list[str]:
    """Return one line of text for each alarm."""
    return [
        f"! {alarm.row.name}  {words.alarm_causes(alarm, t)}  {words.alarm_time(alarm, page.zone, t)}"
        for alarm in page.alarms
    ]


def trouble_line(page: WallPage, t: Words) -> str:
    """Return a line about the fault of the whole wall, "" without one."""
    if page.trouble is None:
        return ""
    since = "" if page.since is None else " " + words.clock_text(page.since, page.zone)
    advice = words.trouble_advice(page.trouble, t)
    return words.trouble_words(page.trouble, t) + since + (f"  {advice}" if advice else "")


def change_lines(before: WallPage, after: WallPage, t: Words) -> Iterator[str]:
    """Yield a line for each service, alarm and fault that changed between two pages of all services."""
    if after.trouble is not before.trouble:
        yield trouble_line(after, t) or t("Figures come again")
    old_rows = {row.service: row for row in before.rows}
    for row in after.rows:
        if parts := list(_changed_parts(old_rows.get(row.service), row, t)):
            text = ", ".join(parts)
            yield f"{row.name}: {text}"
    held = {alarm.service: (alarm.causes, alarm.until) for alarm in before.alarms}
    present = {alarm.service for alarm in after.alarms}
    for alarm, line in zip(after.alarms, alarm_lines(after, t), strict=True):
        if held.get(alarm.service) != (alarm.causes, alarm.until):
            yield line
    for alarm in before.alarms:
        if alarm.service not in present:
            yield t("{name}: nothing needs a look any more", name=alarm.row.name)


def _changed_parts(before: FloorRow | None, row: FloorRow, t: Words) -> Iterator[str]:
    if before is None or before.is_old != row.is_old:
        yield words.age_badge(row, t) or t("figures are fresh")
    if before is None or before.waiting != row.waiting:
        yield f"{t(WAITING)} {count_text(row.waiting)}"
    if _is_long(row) and not (before is not None and _is_long(before)):
        yield t("longest {wait}", wait=words.wait_text(row.longest_wait_ms or 0))
    for board in Board:
        for column in COLUMNS[board]:
            number = column.value(row)
            if before is None or column.value(before) != number:
                yield f"{t(column.label)} {count_text(number)}"
    texts, old_texts = _rate_texts(row), _rate_texts(before) if before is not None else ("", "")
    for label, text, old in zip((ANSWER_RATE, SERVICE_LEVEL), texts, old_texts, strict=True):
        if text != old:
            yield f"{t(label)} {text}"


def _is_long(row: FloorRow) -> bool:
    return row.longest_wait_ms is not None and row.longest_wait_ms >= LONG_WAIT_MS
