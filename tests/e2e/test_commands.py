"""Commands on a center filled from the queue_log of a real session: figures, CTI IDs, log, server."""

import gzip
import json
import os
import re
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from e2e.commands import Home, Result, Server

QUEUE_LOG = Path(__file__).parents[1] / "data" / "queue_log"
DAYS = ("2026-06-30", "2026-07-01")
PHONE = [
    *("inbound_calls", "outbound_calls", "ready", "transfer", "ticket_work", "chat_work", "rest", "meal"),
    *("education", "report", "meeting", "coaching", "other"),
]


@pytest.fixture(scope="module")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A center with the queue_log taken in, to be copied."""
    home = Home(tmp_path_factory.mktemp("model"))
    home.create_center()
    home.run_ok("ingest", "queue-log", QUEUE_LOG, "--service", "cs")
    return home


@pytest.fixture
def home(model_home: Home, tmp_path: Path) -> Home:
    """A copy of the center for one test."""
    shutil.copytree(model_home.folder / "DATA", tmp_path / "DATA")
    return Home(tmp_path)


def day_figures(home: Home, account: str, *more: str) -> list[Result]:
    return [home.run_ok("stats", "--agent", account, "--service", "cs", "--date", day, "--json", *more) for day in DAYS]


def test_program_creates_an_organization(tmp_path: Path) -> None:
    home = Home(tmp_path)
    nothing = home.run_program("stats", "--json")
    assert (nothing.code, nothing.out) == (1, "")
    assert nothing.err == "octui: there is no organization yet; create it: octui init --help\n"
    created = home.run_program(
        *("init", "--organization", "한빛 고객센터", "--domain", "hanbit"),
        *("--admin", "hong", "--name", "홍길동", "--email", "hong@hanbit.example"),
    )
    assert (created.code, created.out) == (0, "")
    assert created.err.startswith("octui: organization 한빛 고객센터 (")
    search = home.run_program("audit", "search", "--json")
    assert (search.code, search.err) == (0, "")
    assert [entry["seq"] for entry in search.json] == [3, 2]


def test_ingesting_a_file_again_changes_nothing(home: Home) -> None:
    before = [result.json for account in ("minsu", "jiwoo") for result in day_figures(home, account)]
    nothing = home.run_ok("ingest", "queue-log", QUEUE_LOG, "--service", "cs", "--json")
    assert (nothing.json["lines"], nothing.json["duplicates"]) == (0, 0)
    assert "lines 1 to" in nothing.err
    again = home.run_ok("ingest", "queue-log", QUEUE_LOG, "--service", "cs", "--again", "--json").json
    assert (again["taken"], again["stopped"], again["unmatched"]) == (0, None, {})
    assert again["duplicates"] + sum(again["unknown"].values()) == again["lines"] > 200
    assert [result.json for account in ("minsu", "jiwoo") for result in day_figures(home, account)] == before


def test_figures_have_their_shape_and_add_up(home: Home) -> None:
    for account in ("minsu", "jiwoo"):
        for day, result in zip(DAYS, day_figures(home, account), strict=True):
            figures = result.json
            assert list(figures) == ["date", "time_zone", "service", "agent", "tickets", "phone", "chat"]
            assert (figures["date"], figures["service"], figures["agent"]) == (day, "cs", account)
            assert figures["time_zone"] == "Asia/Seoul"
            assert list(figures["tickets"]) == ["unassigned", "open", "solved", "closed"]
            assert list(figures["phone"]) == [*PHONE, "logged_in", "assumed"]
            assert list(figures["chat"]) == ["ready", "online", "rest"]
            assert all(set(state) == {"count", "seconds"} for state in figures["phone"].values())
            logged_in = figures["phone"]["logged_in"]["seconds"]
            assert logged_in > 0
            assert sum(figures["phone"][state]["seconds"] for state in PHONE) == logged_in
            assert result.err == ""
    assert day_figures(home, "minsu")[1].json["phone"]["inbound_calls"]["count"] > 5


def test_every_line_of_a_queue_log_is_counted(home: Home, tmp_path: Path) -> None:
    lines = [line.replace("7001", "9001") for line in QUEUE_LOG.read_text().splitlines() if "7001" in line]
    stranger = len(lines)
    lines += ["1782815000|NONE|support|PJSIP/7002|PAUSE|멍때리기", "\0\1binary", "nonsense", "1782815001|a|b|c|HELLO|"]
    log = tmp_path / "bad_log"
    log.write_bytes("\r\n".join(lines).encode() + b"\r\n1782815002|cut")
    figures = home.run("ingest", "queue-log", log, "--service", "cs", "--json")
    assert figures.code == 3
    counts = figures.json
    assert sum(counts["unmatched"].values()) == stranger
    assert counts["unmatched"].keys() == {"PJSIP/9001"}
    assert counts["unreadable"]["count"] == 3
    assert counts["unknown"] == {"octui.queue.HELLO": 1}
    assert counts["unknown_reasons"] == {"멍때리기": 1}
    assert counts["lines"] == stranger + 5
    for words in ("PJSIP/9001", "멍때리기", "binary data", "left for the next run", f"line {stranger + 2} "):
        assert words in figures.err
    table = home.run("ingest", "queue-log", log, "--service", "cs", "--again")
    assert table.code == 3
    assert table.out.split()[:2] == ["event", "count"]
    assert "passed over" in table.out
    reasons = tmp_path / "reasons.csv"
    reasons.write_text("reason,state\n멍때리기,dancing\n")
    wrong = home.run("ingest", "queue-log", log, "--service", "cs", "--reasons", reasons)
    assert (wrong.code, wrong.out) == (2, "")
    assert "line 2" in wrong.err


def test_events_are_read_from_standard_input(home: Home) -> None:
    event = {"specversion": "1.0", "source": "crm", "type": "octui.ticket.created", "data": {"ticket": "T1"}}
    sent = json.dumps([event | {"id": "1"}, event | {"id": "2", "type": "octui.moon.rose"}, event])
    figures = home.run("ingest", "events", "-", "--json", stdin=sent)
    assert figures.code == 3
    assert (figures.json["taken"], figures.json["unknown"]) == (1, {"octui.moon.rose": 1})
    assert figures.json["refused"] == {"count": 1, "first": [{"line": 3, "reason": "id: It is missing."}]}
    assert home.run_ok("stats", "--agent", "minsu", "--json").json["tickets"]["unassigned"] == 1
    assert home.run("ingest", "events", "-", stdin="nonsense\n").code == 3
    assert home.run("ingest", "events", "nowhere.json").err.startswith("octui: nowhere.json: No such file")


@pytest.mark.parametrize("kind", ["queue-log", "cdr", "cel"])
def test_compressed_log_is_not_followed(kind: str, home: Home, tmp_path: Path) -> None:
    packed = tmp_path / "log.gz"
    packed.write_bytes(gzip.compress(b""))
    refused = home.run("ingest", kind, packed, "--service", "cs", "--follow")
    assert refused.code == 2
    assert "is compressed, so nothing is added to it: leave out --follow." in refused.err


def test_follow_ingests_added_lines_until_interrupted(home: Home, tmp_path: Path) -> None:
    lines = QUEUE_LOG.read_bytes().splitlines(keepends=True)
    log = tmp_path / "queue_log"
    log.write_bytes(b"".join(lines[:3]))
    log.with_name("queue_log.1").write_bytes(b"1780000000|NONE|NONE|NONE|QUEUESTART|\n")
    home.database.unlink()  # a new one, so that the events are new
    home.create_center()
    process = home.start("ingest", "queue-log", log, "--service", "cs", "--follow", "--json")
    try:
        # Commands that poll from the start would keep the file from it.
        _wait_until(lambda: _owner_pid(home) == process.pid)
        _wait_until(lambda: _logged_in(home) == 1)
        with log.open("ab") as file:
            file.writelines(lines[3:8])
        _wait_until(lambda: day_figures(home, "minsu")[0].json["phone"]["inbound_calls"]["count"] == 1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert json.loads(out)["taken"] == 8
    assert f"were never read; for their days too: octui ingest queue-log {log}.1" in err


def test_follow_that_is_killed_while_the_log_is_rotated_loses_and_doubles_nothing(home: Home, tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    written = 0

    def append(count: int, to: Path = log) -> None:
        nonlocal written
        with to.open("ab") as file:
            for number in range(written, written + count):
                kind = "UNPAUSE" if number % 2 else "PAUSE"
                file.write(f"{1_782_810_000 + number // 3}|NONE|support|PJSIP/7001|{kind}|휴식\n".encode())
        written += count

    append(50)
    home.database.unlink()  # a new one, so that the events are new
    home.create_center()
    rotated = log.with_name("queue_log.1")
    for rotation in ("rename", "copytruncate"):
        process = home.start("ingest", "queue-log", log, "--service", "cs", "--follow")
        try:
            _wait_until(lambda: _stored_events(home) > 0)
            append(20)
            if rotation == "rename":
                log.rename(rotated)
                append(20, rotated)
            else:
                rotated.rename(log.with_name("queue_log.2"))
                rotated.write_bytes(log.read_bytes())
                os.truncate(log, 0)
            append(20)
        finally:
            process.kill()
            process.communicate()
    packed = log.with_name("queue_log.2")
    packed.with_name("queue_log.2.gz").write_bytes(gzip.compress(packed.read_bytes()))
    packed.unlink()
    home.run_ok("ingest", "queue-log", log, "--service", "cs")
    assert _stored_events(home) == written
    again = home.run_ok("ingest", "queue-log", log, "--service", "cs", "--again", "--json")
    assert (again.json["taken"], again.json["duplicates"]) == (0, written)
    assert "not read before" not in again.err


def _stored_events(home: Home) -> int:
    """Return how many events the database has, 0 while it is being made."""
    try:
        with closing(sqlite3.connect(f"file:{home.database}?mode=ro", uri=True)) as connection:
            count: int = connection.execute("SELECT count(*) FROM event").fetchone()[0]
            return count
    except sqlite3.Error:
        return 0


def _owner_pid(home: Home) -> int | None:
    """Return the process that has the database."""
    lock = home.database.with_name("octui.db.lock").read_text()
    owner: int | None = json.loads(lock)["pid"] if lock else None
    return owner


def _logged_in(home: Home) -> int | None:
    count: int | None = day_figures(home, "minsu")[0].json["phone"]["logged_in"]["count"]
    return count


def _wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        threading.Event().wait(0.05)  # the other program needs the processor too


def test_watch_prints_what_changes(home: Home) -> None:
    process = home.start("stats", "--agent", "minsu", "--watch", "--language", "en")
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        assert "minsu" in "".join(lines)
        now = datetime.now(UTC).isoformat()
        event = {"specversion": "1.0", "source": "pbx", "subject": "minsu", "time": now, "data": {}}
        home.run_ok("ingest", "events", "-", stdin=json.dumps(event | {"id": "1", "type": "octui.phone.login"}))
        while not re.match(r"\d\d:\d\d:\d\d ▶ Ready 1 times 00:00:0\d$", line := process.stdout.readline()):
            assert line, "it ended"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, out) == (130, "")
    assert err == "octui: stopped.\n"


def test_exported_cti_ids_are_imported(home: Home, tmp_path: Path) -> None:
    for name in ("agents.xlsx", "agents.csv"):
        home.run_ok("cti", "export", tmp_path / name)
        unchanged = home.run_ok("cti", "import", tmp_path / name)
        assert "nothing differs" in unchanged.err
    sheet = tmp_path / "agents.csv"
    sheet.write_bytes(sheet.read_bytes().replace(b"7001", b"SWAP").replace(b"7002", b"7001").replace(b"SWAP", b"7002"))
    before = home.run_ok("cti", "list", "--json").json
    dry_run = home.run_ok("cti", "import", sheet, "--dry-run")
    assert "4 cells would be saved" in dry_run.err
    assert home.run_ok("cti", "list", "--json").json == before
    assert "4 cells saved, 0 refused" in home.run_ok("cti", "import", sheet).err
    after = {
        agent["account"]: (agent["cti_id"], agent["cti_no"]) for agent in home.run_ok("cti", "list", "--json").json
    }
    assert after == {"minsu": ("7002", "17002"), "jiwoo": ("7001", "17001")}
    duplicate = home.run("cti", "set", "minsu", "--id", "7001")
    assert duplicate.code == 1
    assert "minsu cti_id" in duplicate.err
    assert home.run("cti", "set", "minsu").code == 2
    assert home.run("cti", "export", "agents.txt").code == 2


def test_log_is_searched_exported_and_verified(home: Home, tmp_path: Path) -> None:
    found = home.run_ok("audit", "search", "이름:ㄱㅁㅅ since:1d", "--json").json
    assert [entry["action"] for entry in found] == ["cti.changed", "agent.added", "member.added"]
    assert {entry["actor_account"] for entry in found} == {"hong"}
    table = home.run_ok("audit", "search", "id:minsu").out
    assert table.count("\n") == 4
    assert "김민수" in table
    for name in ("log.xlsx", "log.csv"):
        assert "entries written" in home.run_ok("audit", "export", tmp_path / name).err
    whole = home.run_ok("audit", "search", "--log", "all", "--json").json
    assert (tmp_path / "log.csv").read_text("utf-8-sig").count("\n") == len(whole) + 1
    parts = [home.run_ok("audit", "search", "--log", log, "--json").json for log in ("permissions", "administration")]
    assert sorted((entry["seq"] for part in parts for entry in part), reverse=True) == [one["seq"] for one in whole]
    assert parts[0] == home.run_ok("audit", "search", "--json").json
    assert {"organization.created", "service.added"} <= {entry["action"] for entry in parts[1]}
    home.run_ok("audit", "export", tmp_path / "administration.csv", "--log", "administration")
    assert (tmp_path / "administration.csv").read_text("utf-8-sig").count("\n") == len(parts[1]) + 1
    assert home.run_ok("audit", "verify", "--json").json["ok"] is True
    assert home.run("audit", "search", "moon:full").code == 2


def test_served_octui_answers_a_token_with_its_rights_only(home: Home, server: Server, tmp_path: Path) -> None:
    url = server.url
    token = tmp_path / "minsu.token"
    issued = home.run_ok("token", "minsu", "--file", token)
    assert issued.out == ""
    assert token.stat().st_mode & 0o777 == 0o600
    assert home.run("token", "minsu", "--file", token).code == 1
    stranger = Home(tmp_path / "stranger")
    remote = ("--url", url, "--token-file", token)
    own = stranger.run_ok("stats", *remote, "--service", "cs", "--date", DAYS[1], "--json").json
    assert own == day_figures(home, "minsu")[1].json
    assert not stranger.database.exists()
    by_environment = {"OCTUI_URL": url, "OCTUI_TOKEN_FILE": str(token)}
    assert stranger.run_ok("stats", "--json", **by_environment).json["agent"] == "minsu"
    refused = stranger.run("stats", *remote, "--service", "cs", "--agent", "jiwoo", "--json")
    assert (refused.code, refused.out) == (1, "")
    assert stranger.run("token", "minsu", *remote).code == 1
    token.chmod(0o644)
    assert "chmod 600" in stranger.run("stats", *remote).err
    token.chmod(0o600)
    token.write_text("oct_wrong\n")
    assert "Sign in" in stranger.run("stats", *remote).err
    second = home.run("serve", "--port", "0")
    assert second.code == 1
    assert "another octui" in second.err
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=20) == 0
    assert not list(home.database.parent.glob("*.sock"))
    gone = stranger.run("stats", *remote)
    assert gone.code == 1
    assert url in gone.err


def test_rule_11_key_is_shown_once_and_changed_with_confirmation(home: Home) -> None:
    organization = home.run_ok("organization", "show", "--json").json
    assert (organization["domain"], organization["url"]) == ("hanbit", "https://hanbit.oc.toast.com")
    assert re.fullmatch("••••[0-9a-f]{4}", organization["key"]["masked"])
    first = home.run_ok("organization", "key", "show")
    assert re.fullmatch("[0-9a-f]{32}\n", first.out)
    assert first.out.endswith(organization["key"]["masked"][-4:] + "\n")
    again = home.run("organization", "key", "show")
    assert (again.code, again.out) == (1, "")
    assert "has been shown already" in again.err
    for typed in ((), ("--yes", "한빛")):
        refused = home.run("organization", "key", "change", *typed)
        assert (refused.code, refused.out) == (1 if typed else 2, "")
    changed = home.run_ok("organization", "key", "change", "--yes", "한빛 고객센터", "--json").json
    assert changed["key"] != first.out.strip()
    assert changed["key"][-4:] in home.run_ok("organization", "show").out
    for text in (first.out.strip(), changed["key"]):
        for path in home.folder.rglob("*"):
            assert not path.is_file() or text.encode() not in path.read_bytes(), path


def test_operator_changes_the_organization(home: Home) -> None:
    organization = home.run_ok("organization", "set", "--domain", "Han-2", "--ipcc-agreed", "yes", "--json").json
    assert (organization["url"], organization["ipcc_agreed"]) == ("https://Han-2.oc.toast.com", True)
    organization = home.run_ok(
        "organization", "set", "--ipcc-agreed", "no", "--mobile-contact-activated", "yes", "--json"
    ).json
    expected = {"domain": "Han-2", "ipcc_agreed": False, "mobile_contact_activated": True}
    assert organization == organization | expected
    assert "oc.hanbit.example" in home.run_ok("organization", "show", OCTUI_URL_SUFFIX="oc.hanbit.example").out
    assert home.run("organization", "set").code == 2
    refused = home.run("organization", "set", "--domain", "a_b")
    assert refused.code != 0
    assert "domain" in refused.err
    denied = home.run("organization", "set", "--domain", "mine", "--as", "minsu")
    assert (denied.code, home.run_ok("organization", "show", "--json").json["domain"]) == (1, "Han-2")
    assert home.run_ok("organization", "show", "--as", "minsu", "--json").json["key"] is None
    assert home.run("config", "validate", OCTUI_URL_SUFFIX="a b").code == 2


def test_check_says_what_a_log_would_give_and_writes_nothing(home: Home, tmp_path: Path) -> None:
    good = home.run_ok("ingest", "check", QUEUE_LOG, "--service", "cs", "--json").json
    assert (good["lines"], good["events"]) == (409, 409)
    assert good["names"]["PJSIP/7001"] == {"events": 153, "agent": "minsu"}
    assert (good["days"], good["unknown"]) == ({"2026-06-30": 303, "2026-07-01": 106}, {"CONFIGRELOAD": 1})
    assert good["unknown_reasons"] == {"세차": 2}
    assert good["contradictions"]["connect_without_end"]["first"][0]["line"] == 210
    log = tmp_path / "export.csv"
    times = ("2026-07-03 15:27:23.896208", "2026-07-03 15:27:25", "2026-07-05 09:00:00")
    events = ("CONNECT,3,x,3", "COMPLETEAGENT,3,99,1", "HELLO,,,")
    log.write_text("".join(f"{at},c1,q,Kim Minsu,{what}\n" for at, what in zip(times, events, strict=True)) + "junk\n")
    before = day_figures(home, "minsu")
    table = home.run("ingest", "check", log, "--service", "cs")
    assert table.code == 3
    assert [result.json for result in day_figures(home, "minsu")] == [result.json for result in before]
    words = " ".join(table.out.split())
    assert "export.csv 4 3 csv" in words
    assert "2026-07-03 15:27:23 2026-07-05 09:00:00 Asia/Seoul" in words
    assert "nothing from to 2026-07-03 15:27:25 2026-07-05 09:00:00" in words
    assert "HELLO 1 passed over" in words
    assert "Kim Minsu 2 nobody" in words
    assert "line 2 COMPLETEAGENT c1 q Kim Minsu: 99 s in the log, 1 s by the clock" in words
    assert "line 4 cannot be read" in table.err
    assert "0 events would be taken in or are there already, 2 are of names that match nobody, 1 of types" in table.err


def test_several_files_are_taken_in_in_the_order_of_their_times(home: Home, tmp_path: Path) -> None:
    lines = QUEUE_LOG.read_bytes().splitlines(keepends=True)
    packed = tmp_path / "queue_log.1.gz"
    packed.write_bytes(gzip.compress(b"".join(lines[:200])))
    (tmp_path / "queue_log").write_bytes(b"".join(lines[200:]) + b"junk\n")
    again = home.run("ingest", "queue-log", tmp_path / "queue_log", packed, "--service", "cs", "--json")
    assert (again.code, again.json["taken"], again.json["lines"]) == (3, 0, len(lines) + 1)
    assert [Path(file["name"]).name for file in again.json["files"]] == ["queue_log.1.gz", "queue_log"]
    assert f"{tmp_path / 'queue_log'} line {len(lines) - 199} could not be read" in again.err
    both = home.run("ingest", "queue-log", packed, tmp_path / "queue_log", "--service", "cs", "--follow")
    assert (both.code, both.out) == (2, "")
    assert home.run("ingest", "check", packed, "--time-zone", "Mars/Olympus").code == 2


@pytest.mark.parametrize(("second", "code"), [(253_402_214_399, 0), (253_402_214_400, 3), (253_402_300_799, 3)])
def test_check_reports_times_at_the_end_of_the_calendar(home: Home, tmp_path: Path, second: int, code: int) -> None:
    (tmp_path / "queue_log").write_text(f"{second}|c|q1|Agent/7001|PAUSE|lunch\n")
    result = home.run("ingest", "check", tmp_path / "queue_log", "--service", "cs")
    assert result.code == code, result.err
    assert ("line 1 cannot be read: a time before 2000 or after 9999" in result.err) == (code == 3)


def test_wall_token_that_cannot_be_written_is_not_issued(home: Home, tmp_path: Path) -> None:
    wall = ("token", "wall", "--services", "cs", "--from", "127.0.0.1", "--file")
    nowhere, taken, kept = tmp_path / "none" / "wall.token", tmp_path / "taken", tmp_path / "wall.token"
    taken.write_text("mine")
    for file in (nowhere, taken):
        refused = home.run(*wall, file)
        assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert taken.read_text() == "mine"
    assert home.run(*wall, kept, "--days", "0").code == 2
    assert not kept.exists()
    assert json.loads(home.run_ok("token", "walls", "--json").out) == []
    unknown = home.run("token", "revoke", "nope")
    assert (unknown.code, "octui token walls" in unknown.err) == (1, True)
