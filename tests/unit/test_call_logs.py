"""Outbound calls in CDR and CEL (rules.md 46).

The files in tests/data (cdr.csv, cdr_table.tsv, cel.csv, cel_table.csv) are written after Asterisk's formats; all four
tell of the same thirteen calls of one morning.
"""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octui.intake.batches import SHOWN, Report
from octui.intake.call_log import CallLog, CallLogError, CallOptions, call_log_maker
from octui.intake.calls import phone_of
from octui.intake.follow import Follower
from octui.schema.events import IntakeFile

DATA = Path(__file__).parents[1] / "data"
NINE = 1782777600
SEOUL = ZoneInfo("Asia/Seoul")
BERLIN = ZoneInfo("Europe/Berlin")
CHANGE = 1792890000
"""When the clocks in Berlin go back: 25 October 2026, 01:00 UTC."""


class Call(NamedTuple):
    """An outbound call in seconds since nine o'clock."""

    phone: str
    dialled: float
    answered: float | None
    ended: float | None


IN_CDR = [
    Call("PJSIP/7001", 600, 612, 700),
    Call("PJSIP/7001", 800, None, 815),
    Call("PJSIP/7002", 900, 905, 930),
    Call("PJSIP/7001", 1000, 1010, 1100),
    Call("PJSIP/7001", 1500, 1504, 1600),
    Call("PJSIP/7001", 2100, 2105, 2200),
]
IN_CEL = [
    Call("PJSIP/7001", 600.21, 612.4, 700.33),
    Call("PJSIP/7001", 800.21, None, 815.33),
    Call("PJSIP/7002", 900.21, 905.4, 930.33),
    Call("PJSIP/7001", 1000.2, 1010.5, 1100.2),
    Call("PJSIP/7001", 1500.1, 1516.4, 1600.2),
    Call("PJSIP/7001", 2100.1, 2105.1, 2200.2),
]


def open_cdr(path: Path, zone: ZoneInfo = SEOUL, *, is_zone_named: bool = False) -> CallLog:
    return CallLog(path, CallOptions("cdr", Report(), zone, is_zone_named))


def open_cel(path: Path, zone: ZoneInfo = SEOUL) -> CallLog:
    return CallLog(path, CallOptions("cel", Report(), zone))


def events_of(log: CallLog) -> list[dict[str, Any]]:
    return [event for batch in log.read() for event in batch.events]


def calls_of(events: list[dict[str, Any]], *, trunks: bool = False) -> list[Call]:
    """Return the calls in the events, by their unique ID."""
    times: dict[tuple[str, str], dict[str, float]] = {}
    for event in events:
        at = datetime.fromisoformat(event["time"]).timestamp() - NINE
        key = (event["id"].partition(":")[0], event["subject"])
        if trunks or "kt" not in event["subject"]:
            assert times.setdefault(key, {}).setdefault(event["type"], round(at, 3)) == round(at, 3)
    return [
        Call(phone, found["octui.call.dialled"], found.get("octui.call.answered"), found.get("octui.call.ended"))
        for (_, phone), found in sorted(times.items(), key=lambda item: item[1]["octui.call.dialled"])
    ]


def cdr_line(
    channel: str = "PJSIP/7001-00000004",
    dialled: str = "PJSIP/kt-00000005",
    *,
    app: str = "Dial",
    times: tuple[str, str, str] = ("2026-06-30 09:10:00", "2026-06-30 09:10:12", "2026-06-30 09:11:40"),
    seconds: tuple[int, int] = (100, 88),
    disposition: str = "ANSWERED",
    more: tuple[str, ...] = ("1782778200.5", ""),
) -> bytes:
    start, answer, end = times
    cells = ["", "7001", "01012345678", "agents", '"Kim" <7001>', channel, dialled, app, "PJSIP/kt", start]
    quoted = [f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in cells]
    quoted += [f'"{answer}"' if answer else "", f'"{end}"', *map(str, seconds)]
    quoted += [f'"{cell}"' for cell in (disposition, "DOCUMENTATION", *more)]
    return ",".join(quoted).encode() + b"\n"


def written(tmp_path: Path, content: bytes, name: str = "Master.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["cdr.csv", "cdr_table.tsv"])
def test_rule_46_cdr_gives_the_calls_that_agents_dialled(name: str) -> None:
    log = open_cdr(DATA / name)
    assert calls_of(events_of(log)) == IN_CDR
    assert (log.report.events, log.report.unreadable) == (13, 0)


def test_rule_46_cel_gives_the_calls_that_agents_dialled() -> None:
    assert calls_of(events_of(open_cel(DATA / "cel.csv"))) == IN_CEL
    in_seconds = [Call(call.phone, *(at and int(at) for at in call[1:])) for call in IN_CEL]
    assert calls_of(events_of(open_cel(DATA / "cel_table.csv"))) == in_seconds


def test_cdr_event_names_call_phone_and_time(tmp_path: Path) -> None:
    dialled, answered, ended = events_of(open_cdr(written(tmp_path, cdr_line())))
    assert answered == {
        "specversion": "1.0",
        "id": "1782778200.5:answered:1782778212",
        "source": "asterisk/cdr",
        "type": "octui.call.answered",
        "time": "2026-06-30T00:10:12+00:00",
        "sequence": "1",
        "subject": "PJSIP/7001",
        "data": {"call": "1782778200.5", "direction": "outbound"},
    }
    assert [event["type"].rpartition(".")[2] for event in (dialled, ended)] == ["dialled", "ended"]


@pytest.mark.parametrize(
    ("channel", "phone"),
    [
        ("PJSIP/1001-0000002a", "PJSIP/1001"),
        ("SIP/kim-minsu-0000002a", "SIP/kim-minsu"),
        ("Local/1001@from-internal-00000003;1", "Local/1001@from-internal"),
        ("Local/1001@from-queue-00000003;2", None),
        ("local/1001@from-queue-00000003;2", None),
        ("1001-0000002a", None),
        ("PJSIP/1001", None),
        ("", None),
    ],
)
def test_phone_is_the_channel_without_its_number(channel: str, phone: str | None) -> None:
    assert phone_of(channel) == phone


@pytest.mark.parametrize(
    "line",
    [
        cdr_line(dialled=""),
        cdr_line(app="VoiceMailMain"),
        cdr_line(app="AgentLogin"),
        cdr_line(app="AppQueue"),
        cdr_line(app="ParkedCall"),
        cdr_line("Local/7001@from-queue-00000004;2"),
    ],
)
def test_record_of_what_nobody_dialled_gives_nothing(tmp_path: Path, line: bytes) -> None:
    log = open_cdr(written(tmp_path, line))
    assert not events_of(log)
    assert (log.report.events, log.report.unreadable) == (1, 0)


def test_linked_id_joins_a_record_to_its_call(tmp_path: Path) -> None:
    more = ("1782778200.5", "", "", "1782777600.1", "12")
    assert {event["data"]["call"] for event in events_of(open_cdr(written(tmp_path, cdr_line(more=more))))} == {
        "1782777600.1"
    }


def test_record_without_unique_id_is_known_by_its_channel(tmp_path: Path) -> None:
    found = events_of(open_cdr(written(tmp_path, cdr_line(more=()))))
    assert {event["data"]["call"] for event in found} == {"PJSIP/7001-00000004@1782778200"}


def test_records_of_one_channel_are_one_call_also_between_others(tmp_path: Path) -> None:
    start = "2026-06-30 09:10:00"
    lines = [
        cdr_line(dialled="PJSIP/kt-00000007", times=(start, "", "2026-06-30 09:10:14"), disposition="NO ANSWER"),
        cdr_line("PJSIP/7002-00000009", "PJSIP/kt-0000000a", more=("1782778200.6", "")),
        cdr_line(),
        cdr_line(
            dialled="PJSIP/kt-0000000b", times=(start, "2026-06-30 09:11:40", "2026-06-30 09:12:00"), seconds=(120, 20)
        ),
    ]
    found = calls_of(events_of(open_cdr(written(tmp_path, b"".join(lines)))))
    assert sorted(found) == [Call("PJSIP/7001", 600, 612, 720), Call("PJSIP/7002", 600, 612, 700)]


def test_cdr_custom_has_the_caller_first(tmp_path: Path) -> None:
    row = cdr_line().decode().removeprefix('"",').rstrip("\n").split(",")
    custom = [row[3], *row[:3], *row[4:15], '""', *row[15:]]
    assert calls_of(events_of(open_cdr(written(tmp_path, ",".join(custom).encode() + b"\n")))) == IN_CDR[:1]


@pytest.mark.parametrize("clock", ["2026-06-30 00:1", "2026-06-30 09:1", "2026-06-29 20:1"])
def test_unique_id_tells_the_zone_of_the_times(tmp_path: Path, clock: str) -> None:
    times = (f"{clock}0:00", f"{clock}0:12", f"{clock}1:40")
    log = open_cdr(written(tmp_path, cdr_line(times=times)))
    assert calls_of(events_of(log)) == IN_CDR[:1]


def test_named_zone_comes_before_the_unique_id(tmp_path: Path) -> None:
    log = open_cdr(written(tmp_path, cdr_line()), BERLIN, is_zone_named=True)
    assert calls_of(events_of(log)) == [Call("PJSIP/7001", 600 + 7 * 3600, 612 + 7 * 3600, 700 + 7 * 3600)]


def test_named_zone_comes_before_what_an_earlier_run_found_out(tmp_path: Path) -> None:
    log = open_cdr(written(tmp_path, cdr_line()), BERLIN)
    events_of(log)
    state = log.parser.state()
    assert (state["foreign"], log.report.files[0].zone) == (9 * 3_600_000, "UTC+09:00")
    later = [open_cdr(tmp_path, BERLIN, is_zone_named=named).parser for named in (False, True)]
    for parser in later:
        parser.load_state(state)
    assert [parser.clock.foreign for parser in later] == [state["foreign"], None]


def test_unique_id_tells_which_of_the_two_hours_it_is(tmp_path: Path) -> None:
    begins = (CHANGE - 1800, CHANGE + 1800)
    times = ("2026-10-25 02:30:00", "2026-10-25 02:30:10", "2026-10-25 02:45:00")
    lines = [cdr_line(times=times, seconds=(900, 890), more=(f"{begin}.1", "")) for begin in begins]
    found = calls_of(events_of(open_cdr(written(tmp_path, b"".join(lines)), BERLIN)))
    assert [call.dialled + NINE for call in found] == list(begins)
    assert [call.ended and call.ended - call.dialled for call in found] == [900, 900]


def test_call_over_a_clock_change_lasts_as_long_as_its_seconds_say(tmp_path: Path) -> None:
    times = ("2026-10-25 02:50:00", "2026-10-25 02:50:10", "2026-10-25 02:10:00")
    line = cdr_line(times=times, seconds=(1200, 1190), more=(f"{CHANGE - 600}.1", ""))
    (call,) = calls_of(events_of(open_cdr(written(tmp_path, line), BERLIN)))
    assert call == Call("PJSIP/7001", CHANGE - 600 - NINE, CHANGE - 590 - NINE, CHANGE + 600 - NINE)


BROKEN = {
    b'\x00\x01\x02binary\xff"\n': "binary data, not text",
    b'"",' + b"x" * 70_000 + b"\n": "longer than 65536 bytes",
    b'"","7001","010","agents"\n': "4 columns instead of 15 or more",
    cdr_line().replace(b'"Dial"', b'"Dial'): "broken quoting: ',' expected after '\"'",
    cdr_line(times=("yesterday", "", "2026-06-30 09:11:40")): "no time in the column start",
    cdr_line(times=("1970-01-01 00:00:00", "", "1970-01-01 00:00:10")): "a time before 2000 or after 9999",
    cdr_line(disposition="WELL"): "no disposition in its column",
    cdr_line(times=("2026-06-30 09:10:00", "", "2026-06-30 09:05:00"), seconds=(0, 0)).replace(b",0,0,", b",,,"): (
        "ends before it began, or a week later"
    ),
    cdr_line(seconds=(-3, 0)): "duration is no number of seconds up to a week",
    cdr_line(more=("1" * 300, "")): "uniqueid longer than 200 characters",
    cdr_line("P/" + "x" * 300 + "-1"): "channel longer than 200 characters",
}


@pytest.mark.parametrize(("line", "reason"), BROKEN.items(), ids=range(len(BROKEN)))
def test_broken_record_is_reported_and_the_others_are_read(tmp_path: Path, line: bytes, reason: str) -> None:
    log = open_cdr(written(tmp_path, cdr_line() + line + cdr_line(more=("1782778200.6", ""))))
    assert len(events_of(log)) == 6
    assert [(each.line, each.reason) for each in log.report.examples] == [(2, reason)]


def test_windows_line_ends_and_a_mark_at_the_beginning_are_no_harm(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + (DATA / "cel_table.csv").read_bytes().replace(b"\n", b"\r\n").rstrip()
    log = open_cel(written(tmp_path, content))
    assert len(calls_of(events_of(log))) == len(IN_CEL)
    assert (log.report.blank, log.report.unreadable) == (1, 0)


def test_compressed_file_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress((DATA / "cdr.csv").read_bytes()), "Master.csv.1.gz")
    assert calls_of(events_of(open_cdr(path))) == IN_CDR


@pytest.mark.parametrize("content", [b"\x00\x01\xff\n", b"nothing\n" * (SHOWN + 3), b"1,2,3\n"])
def test_file_of_another_kind_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    for log in (open_cdr(written(tmp_path, content)), open_cel(written(tmp_path, content))):
        with pytest.raises(CallLogError, match="in it: neither"):
            events_of(log)


def test_cel_that_is_newest_first_is_refused_and_a_cdr_is_read(tmp_path: Path) -> None:
    backwards = [
        b"".join(reversed((DATA / name).read_bytes().splitlines(keepends=True))) for name in ("cel.csv", "cdr.csv")
    ]
    with pytest.raises(CallLogError, match="not in the order of their times"):
        events_of(open_cel(written(tmp_path, backwards[0])))
    assert calls_of(events_of(open_cdr(written(tmp_path, backwards[1])))) == IN_CDR


def test_numbers_of_events_are_reported(tmp_path: Path) -> None:
    log = open_cel(written(tmp_path, (DATA / "cel_table.csv").read_bytes().replace(b",HANGUP,", b",3,")))
    events_of(log)
    assert log.report.examples[0].reason.startswith("the number of an event instead of its name")


def test_empty_file_has_no_calls(tmp_path: Path) -> None:
    assert not events_of(open_cdr(written(tmp_path, b"")))


def test_unfinished_last_line_is_left_for_the_next_run(tmp_path: Path) -> None:
    log = open_cdr(written(tmp_path, cdr_line() + cdr_line(more=("1782778200.6", "")).rstrip()))
    assert len(events_of(log)) == 3
    assert log.report.examples[0].reason == "has no line end yet: left for the next run"


def test_cut_file_gives_the_events_of_the_whole(tmp_path: Path) -> None:
    lines = (DATA / "cdr.csv").read_bytes().splitlines(keepends=True)
    whole = {event["id"]: event for event in events_of(open_cdr(DATA / "cdr.csv"))}
    for cut in range(1, len(lines)):
        parts = (b"".join(lines[:cut]), b"".join(lines[cut:]))
        found = {event["id"]: event for part in parts for event in events_of(open_cdr(written(tmp_path, part)))}
        assert whole.items() <= found.items()


def test_phones_that_match_nobody_are_counted_and_left_out() -> None:
    left_out = Counter({"PJSIP/kt": 0})
    events = events_of(CallLog(DATA / "cdr.csv", CallOptions("cdr", Report(), SEOUL, left_out=left_out)))
    assert {event["subject"] for event in events} == {"PJSIP/7001", "PJSIP/7002"}
    assert left_out == {"PJSIP/kt": 9}


def follow(path: Path, known: dict[str, IntakeFile], wait: Callable[[], bool]) -> list[dict[str, Any]]:
    """Follow a CEL from what is known, and keep what is known then."""
    options = CallOptions("cel", Report(), SEOUL)
    reader = call_log_maker(options)
    follower = Follower(path, reader, kind="cel", known=list(known.values()), report=options.report)
    events = []
    for batch in follower.read(wait):
        events += batch.events
        if batch.position is not None:
            known[batch.position.head] = IntakeFile(**batch.position.model_dump(exclude={"after"}), at=0)
    assert options.report.unreadable == 0
    return events


def test_followed_file_goes_on_over_rotation(tmp_path: Path) -> None:
    path = written(tmp_path, b"")
    lines = (DATA / "cel.csv").read_bytes().splitlines(keepends=True)

    def steps() -> Iterator[bool]:
        with path.open("ab") as file:
            file.writelines(lines[:17])
            file.write(lines[17][:30])
        yield True
        with path.open("ab") as file:
            file.write(lines[17][30:])
        yield True
        path.rename(tmp_path / "Master.csv.1")
        yield True
        path.write_bytes(b"".join(lines[18:]))
        yield True
        yield False

    going_on = steps()
    assert calls_of(follow(path, {}, lambda: next(going_on))) == IN_CEL


@pytest.mark.parametrize("rotate", [False, True])
def test_calls_under_way_are_known_to_the_next_run(tmp_path: Path, *, rotate: bool) -> None:
    lines = (DATA / "cel.csv").read_bytes().splitlines(keepends=True)
    path = written(tmp_path, b"".join(lines[:17]))
    known: dict[str, IntakeFile] = {}
    found = follow(path, known, lambda: False)
    if rotate:
        path.rename(tmp_path / "Master.csv.1")
        path.write_bytes(b"".join(lines[17:]))
    else:
        path.write_bytes(b"".join(lines))
    more = follow(path, known, lambda: False)
    assert not {event["id"] for event in found} & {event["id"] for event in more}
    assert calls_of([*found, *more]) == IN_CEL


def cel_line(event: str, at: float, channel: str, unique_id: str, linked_id: str, app: str = "") -> bytes:
    cells = [event, f"{NINE + at:.6f}", "", "7001", "", "", "", "s", "agents", channel, app, ""]
    cells += ["DOCUMENTATION", "", unique_id, linked_id, "", "", "", ""]
    return ",".join(f'"{cell}"' for cell in cells).encode() + b"\n"


def test_cel_without_applications_tells_who_dialled_by_the_channels(tmp_path: Path) -> None:
    """cel.conf may have no `apps`."""
    kept = [line for line in (DATA / "cel.csv").read_bytes().splitlines(keepends=True) if b"APP_START" not in line]
    assert calls_of(events_of(open_cel(written(tmp_path, b"".join(kept))))) == IN_CEL


def test_agent_who_waits_for_calls_in_agentlogin_has_dialled_nothing(tmp_path: Path) -> None:
    """The caller's channel gets the linked ID of the agent's, which is older."""
    agent, caller, leg = "1782777600.1", "1782777700.2", "1782777750.3"
    lines = [
        cel_line("CHAN_START", 0, "PJSIP/7001-00000001", agent, agent),
        cel_line("ANSWER", 1, "PJSIP/7001-00000001", agent, agent, "AgentLogin"),
        cel_line("CHAN_START", 100, "PJSIP/kt-00000002", caller, caller),
        cel_line("BRIDGE_ENTER", 110, "PJSIP/7001-00000001", agent, agent, "AgentLogin"),
        cel_line("BRIDGE_ENTER", 110, "PJSIP/kt-00000002", caller, agent, "Queue"),
        cel_line("CHAN_START", 150, "PJSIP/7002-00000003", leg, agent),
        cel_line("ANSWER", 155, "PJSIP/7002-00000003", leg, agent, "AppDial"),
        cel_line("HANGUP", 900, "PJSIP/7001-00000001", agent, agent, "AgentLogin"),
    ]
    assert not calls_of(events_of(open_cel(written(tmp_path, b"".join(lines)))))


def test_click_to_dial_through_a_local_channel_is_a_call_of_its_agent(tmp_path: Path) -> None:
    """The half `;1` dials the customer once the agent's phone, which `;2` calls, was picked up."""
    first, second, phone, customer = "1782777600.1", "1782777600.2", "1782777600.3", "1782777610.4"
    name = "Local/7001@from-internal-00000001"
    lines = [
        cel_line("CHAN_START", 0, f"{name};1", first, first),
        cel_line("CHAN_START", 0, f"{name};2", second, first),
        cel_line("APP_START", 1, f"{name};2", second, first, "Dial"),
        cel_line("CHAN_START", 1, "PJSIP/7001-00000003", phone, first),
        cel_line("ANSWER", 10, "PJSIP/7001-00000003", phone, first, "AppDial"),
        cel_line("BRIDGE_ENTER", 10, f"{name};2", second, first, "Dial"),
        cel_line("ANSWER", 10, f"{name};1", first, first, "AppDial2"),
        cel_line("APP_START", 11, f"{name};1", first, first, "Dial"),
        cel_line("CHAN_START", 11, "PJSIP/kt-00000004", customer, first),
        cel_line("ANSWER", 20, "PJSIP/kt-00000004", customer, first, "AppDial"),
        cel_line("LINKEDID_END", 90, f"{name};2", second, first),
    ]
    found = calls_of(events_of(open_cel(written(tmp_path, b"".join(lines)))))
    assert found == [Call("Local/7001@from-internal", 0, 20, 90)]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_files_are_read_without_an_exception(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["cdr.csv", "cdr_table.tsv", "cel.csv", "cel_table.csv"]))
    lines = (DATA / name).read_bytes().splitlines(keepends=True)[:20]
    texts = [
        "",
        '"',
        ",",
        "\t",
        "\n",
        "\0",
        "9999-12-31 23:59:59",
        "2000-01-01 00:00:00",
        "99999999999.1",
        "604800",
        "-1",
    ]
    texts += ["1e9", "nan", "inf", "NULL", "\\N", "ANSWERED", "CHAN_START", "Dial", "channel", "\ufffd"]
    cells = st.sampled_from([*(text.encode() for text in texts), b"\xff"])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(lines) - 1))
        separator = b"\t" if name.endswith("tsv") else b","
        row = lines[place].split(separator)
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(cells)
        lines[place] = separator.join(row)
    path = written(tmp_path, b"".join(lines))
    log = open_cdr(path, BERLIN) if name.startswith("cdr") else open_cel(path, BERLIN)
    try:
        events_of(log)
    except CallLogError:
        assert log.report.events == 0
    json.dumps(log.parser.state())


def test_time_at_the_end_of_all_times_is_reported(tmp_path: Path) -> None:
    times = ("9999-12-31 23:59:50", "9999-12-31 23:59:55", "9999-12-31 23:59:59")
    late = cdr_line(times=times, seconds=(604_800, 10), more=())
    log = open_cdr(written(tmp_path, cdr_line() + late), BERLIN)
    assert len(events_of(log)) == 3
    assert [each.reason for each in log.report.examples] == ["a time before 2000 or after 9999"]
