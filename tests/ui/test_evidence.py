"""From a figure to its intervals, and from an interval to the lines of the log behind it (rules.md 35–45)."""

import csv
import json
from collections.abc import Callable

import pytest

from octui.cli.commands.stats import explain_figure
from octui.client.errors import Unreachable
from octui.schema.events import FilePosition
from octui.schema.stats import PhoneState
from octui.state.stats import LiveStats
from octui.text.durations import format_duration
from octui.ui.dialogs import exports
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.evidence import EvidenceDialog
from octui.ui.dialogs.intervals import IntervalsDialog
from octui.ui.dialogs.report import Report
from octui.ui.locale import Words
from octui.ui.widgets.figures import Figures
from octui.ui.widgets.figures_layout import FigureId
from ui.person import Person, at
from ui.server import MIDNIGHT, NOW, SERVICE, Center, Seed, event, make_ready, seed_service

NINE = MIDNIGHT - 15 * 3_600_000
FILE = "/var/log/asterisk/queue_log"
LOG = """
0|NONE|sales|PJSIP/7001|ADDMEMBER|
62|1795392062.17|sales|PJSIP/7001|CONNECT|10|1795392061.18|8
362|1795392062.17|sales|PJSIP/7001|COMPLETECALLER|10|300|1
400|NONE|NONE|PJSIP/7001|PAUSEALL|
400|NONE|sales|PJSIP/7001|PAUSE|점심
1000|NONE|NONE|PJSIP/7001|UNPAUSEALL|
1000|NONE|sales|PJSIP/7001|UNPAUSE|
1100|1795393100.2|sales|PJSIP/7001|RINGNOANSWER|15000
"""


async def seed(center: Center) -> None:
    """Make an agent with the lines of a morning, a state taken by key and one from a CTI."""
    await seed_service(center)
    await center.add_agent("kim", "김민수")
    await center.set_language("en", "kim")
    await make_ready(center, "kim")
    await center.set_cti("kim", cti_id="7001")
    rows = []
    for place, line in enumerate(LOG.split()):
        second, call, queue, agent, name, *args = line.split("|")
        moment = NINE + int(second) * 1000
        rows.append([moment, 0, f"{moment // 1000:012d}-{place:016x}-0", name, call, queue, agent, args, place + 1])
    for place, row in enumerate(rows):
        row[1] = place
    position = FilePosition(kind="queue_log", name=FILE, head="00" * 16, digest="00" * 16, position=700, line=8)
    await center.operator.take_in_queue_log(SERVICE, rows, file=position)
    await center.send_events(event("phone.state", "kim", NINE + 1_800_000, state="meeting"))


@pytest.fixture
def center(make_center: Callable[[Seed], Center]) -> Center:
    return make_center(seed)


async def open_intervals(person: Person, group: str, name: str) -> IntervalsDialog:
    """Open the intervals of a figure."""
    person.screen.query_one(Figures).chosen = FigureId(group, name)
    await person.press("enter")
    dialog: IntervalsDialog = await person.dialog(IntervalsDialog)
    return dialog


async def open_evidence(person: Person, name: str, *keys: str) -> EvidenceDialog:
    """Open the lines behind an interval of a phone figure; `keys` lead to it."""
    await open_intervals(person, "phone", name)
    await person.press(*keys, "enter")
    dialog: EvidenceDialog = await person.dialog(EvidenceDialog)
    return dialog


@pytest.mark.parametrize(
    ("language", "began", "ended", "size"),
    [
        ("en", "Began 09:01:02  answered", "Ended 09:06:02  caller hung up", (80, 24)),
        ("ko", "시작 09:01:02  받음", "끝   09:06:02  고객이 끊음", (80, 24)),
        ("ja", "開始 09:01:02  応答", "終了 09:06:02  相手が切断", (120, 40)),
        ("en", "Began 09:01:02  answered", "Ended 09:06:02  caller hung up", (300, 80)),
    ],
)
async def test_enter_on_an_interval_shows_its_lines(
    center: Center, language: str, began: str, ended: str, size: tuple[int, int]
) -> None:
    await center.set_language(language, "kim")
    async with at(center, None, account="kim", size=size) as person:
        await open_evidence(person, "inbound_calls")
        text = person.text
        assert began in text
        assert ended in text
        for line in ("queue_log:2", "queue_log:3"):
            assert line in text
        assert text.count("1795392062.17") >= 4
        assert f"{NINE // 1000 + 62}|1795392062.17|sales|PJSIP/7001|CONNECT|10|1795392061.18|8" in text
        assert FILE in text
        await person.press("down")
        assert "COMPLETECALLER|10|300|1" in person.text
        await person.press("escape")
        await person.dialog(IntervalsDialog)
        await person.press("escape")
        await person.no_dialog()


async def test_ringing_and_names_are_explained(center: Center) -> None:
    async with at(center, None, account="kim") as person:
        await open_evidence(person, "other")
        assert "Began 09:00:54  the phone rings until 09:01:02: answered - CONNECT of call" in person.text
        await person.press("escape", "escape")
        await open_evidence(person, "meal")
        assert "Began 09:06:40  paused, all queues - PAUSEALL (queue_log:4)" in person.text
        assert "Named 09:06:40  paused: 점심 - PAUSE in queue sales (queue_log:5)" in person.text
        assert "Ended 09:16:40  unpaused, all queues - UNPAUSEALL (queue_log:6)" in person.text
        await person.press("escape", "escape")
        await open_evidence(person, "ready", "down", "down", "down")
        assert "rang, not answered" in person.text
        assert "Ended 09:30:00  state changed: Meeting - phone.state (from CTI)" in person.text


async def test_running_interval_has_no_end(center: Center) -> None:
    async with at(center, None, account="kim") as person:
        await open_evidence(person, "meeting")
        assert "Ended not yet   still running" in person.text
        assert "from CTI, source" in person.text


async def test_keys_are_in_the_key_line_and_in_the_help(center: Center) -> None:
    async with at(center, None, account="kim") as person:
        await open_intervals(person, "phone", "ready")
        assert "Enter Log lines  F9 Export  ^C Copy  Esc Close" in person.lines[-1]
        await person.press("f1")
        await person.dialog(Report)
        assert "The log lines behind the interval" in person.text


async def test_lines_are_copied_and_exported(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "export_path", lambda stem, suffix: center.folder / f"events{suffix}")
    async with at(center, None, account="kim") as person:
        await open_evidence(person, "inbound_calls")
        await person.press("ctrl+c")
        assert "Began 09:01:02  answered" in person.app.clipboard
        assert "|PJSIP/7001|COMPLETECALLER|10|300|1" in person.app.clipboard
        await person.press("shift+right", "ctrl+c")
        assert person.app.clipboard == "09:01:02\tanswered"
        await person.press("f9")
        await person.dialog(Choice)
        await person.press("2")
        await person.until(lambda: (center.folder / "events.csv").exists())
        await person.dialog(EvidenceDialog)
    rows = list(csv.reader((center.folder / "events.csv").read_text("utf-8-sig").splitlines()))
    assert rows[1][0] == "2026-11-23 09:01:02"
    assert rows[1][1:6] == ["answered", "CONNECT", "sales", "1795392062.17", "queue_log:2"]
    assert rows[1][7] == f"{FILE}, line 2"


async def test_failure_is_said_in_the_intervals(center: Center) -> None:
    async with at(center, None, account="kim") as person:
        dialog = await open_intervals(person, "phone", "ready")
        center.faults.failure = Unreachable("connect", "no")
        await person.press("enter")
        await person.until(lambda: "cannot be reached" in dialog.status.text)
        center.faults.failure = None
        await person.press("down")
        assert "4 times, 00:14:37 in all" in dialog.status.text


async def test_sum_of_the_intervals_is_the_figure(center: Center) -> None:
    """Half seconds are rounded in one place (rules.md 30): the durations shown add up to the figure shown."""
    await center.add_agent("han", "한")
    await center.set_language("en", "han")
    start = NOW - 3_600_000
    for number, state in enumerate(("ready", "rest", "meal", "education")):
        await center.set_state("han", state, start + number * 60_500)
    async with at(center, None, account="han") as person:
        live = LiveStats(await center.operator.stats(SERVICE, "han")).phone_figures(NOW)
        assert live is not None
        assert {live[state][1] for state in (PhoneState.READY, PhoneState.REST, PhoneState.MEAL)} == {60, 61}
        for state in (PhoneState.READY, PhoneState.REST, PhoneState.MEAL):
            dialog = await open_intervals(person, "phone", state.value)
            figure = live[state][1]
            assert f"{format_duration(figure)} in all" in dialog.status.text
            assert sum(dialog.figure.seconds) == figure
            await person.press("escape")
            await person.no_dialog()


async def test_command_prints_the_lines_behind_a_figure(center: Center, capsys: pytest.CaptureFixture[str]) -> None:
    live = LiveStats(await center.operator.stats(SERVICE, "kim"))
    await explain_figure(center.operator, live, "meal", Words("en"), as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "Meal  Mon, 2026-11-23  Asia/Seoul  김민수 (kim)",
        "1 times, 00:10:00 in all",
        "",
        "09:06:40 - 09:16:40  00:10:00",
        "  Began 09:06:40  paused, all queues - PAUSEALL (queue_log:4)",
        "  Named 09:06:40  paused: 점심 - PAUSE in queue sales (queue_log:5)",
        "  Ended 09:16:40  unpaused, all queues - UNPAUSEALL (queue_log:6)",
        f"  09:06:40  {FILE}, line 4  {NINE // 1000 + 400}|NONE|NONE|PJSIP/7001|PAUSEALL|",
        f"  09:06:40  {FILE}, line 5  {NINE // 1000 + 400}|NONE|sales|PJSIP/7001|PAUSE|점심",
        f"  09:16:40  {FILE}, line 6  {NINE // 1000 + 1000}|NONE|NONE|PJSIP/7001|UNPAUSEALL|",
    ]
    await explain_figure(center.operator, live, "logged_in", Words("en"), as_json=True)
    printed = json.loads(capsys.readouterr().out)
    assert (printed["state"], printed["count"], len(printed["intervals"])) == ("logged_in", 1, 1)
    assert [event["line"] for event in printed["intervals"][0]["events"]] == [*range(1, 9), None]
