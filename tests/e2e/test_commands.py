"""A centre set up from nothing by script, filled from a real session's queue_log, read, searched and served."""

import json
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from e2e.commands import Home, Ran

QUEUE_LOG = Path(__file__).parents[1] / "data" / "queue_log"
DAYS = ("2026-06-30", "2026-07-01")
PHONE = [
    *("inbound_calls", "outbound_calls", "ready", "transfer", "ticket_work", "chat_work", "rest", "meal"),
    *("education", "report", "meeting", "coaching", "other"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The centre with the queue_log taken in, to be copied."""
    home = Home(tmp_path_factory.mktemp("model"))
    home.set_up()
    home.ok("ingest", "queue-log", QUEUE_LOG, "--service", "cs")
    return home


@pytest.fixture
def home(model: Home, tmp_path: Path) -> Home:
    """A copy of the centre of this test's own."""
    shutil.copytree(model.folder / "DATA", tmp_path / "DATA")
    return Home(tmp_path)


def figures(home: Home, account: str, *more: str) -> list[Ran]:
    return [home.ok("stats", "--agent", account, "--service", "cs", "--date", day, "--json", *more) for day in DAYS]


def test_the_program_itself(tmp_path: Path) -> None:
    home = Home(tmp_path)
    nothing = home.program("stats", "--json")
    assert (nothing.code, nothing.out) == (1, "")
    assert nothing.err == "octui: there is no organization yet; create it: octui init --help\n"
    made = home.program(
        *("init", "--organization", "한빛 고객센터", "--domain", "hanbit"),
        *("--admin", "hong", "--name", "홍길동", "--email", "hong@hanbit.example"),
    )
    assert (made.code, made.out) == (0, "")
    assert made.err.startswith("octui: organization 한빛 고객센터 (")
    listed = home.program("audit", "search", "--json")
    assert (listed.code, listed.err) == (0, "")
    assert [entry["seq"] for entry in listed.json] == [3, 2]


def test_the_same_file_again_changes_nothing(home: Home) -> None:
    before = [ran.json for account in ("minsu", "jiwoo") for ran in figures(home, account)]
    again = home.ok("ingest", "queue-log", QUEUE_LOG, "--service", "cs", "--json").json
    assert (again["taken"], again["stopped"], again["unmatched"]) == (0, None, {})
    assert again["duplicates"] + sum(again["unknown"].values()) == again["lines"] > 200
    assert [ran.json for account in ("minsu", "jiwoo") for ran in figures(home, account)] == before


def test_the_figures_have_their_shape_and_add_up(home: Home) -> None:
    for account in ("minsu", "jiwoo"):
        for day, ran in zip(DAYS, figures(home, account), strict=True):
            told = ran.json
            assert list(told) == ["date", "time_zone", "service", "agent", "tickets", "phone", "chat"]
            assert (told["date"], told["service"], told["agent"]) == (day, "cs", account)
            assert told["time_zone"] == "Asia/Seoul"
            assert list(told["tickets"]) == ["unassigned", "open", "solved", "closed"]
            assert list(told["phone"]) == [*PHONE, "logged_in"]
            assert list(told["chat"]) == ["ready", "online", "rest"]
            assert all(set(state) == {"count", "seconds"} for state in told["phone"].values())
            logged_in = told["phone"]["logged_in"]["seconds"]
            assert logged_in > 0
            assert sum(told["phone"][state]["seconds"] for state in PHONE) == logged_in
            assert ran.err == ""
    assert figures(home, "minsu")[1].json["phone"]["inbound_calls"]["count"] > 5


def test_every_line_is_accounted_for(home: Home, tmp_path: Path) -> None:
    lines = [line.replace("7001", "9001") for line in QUEUE_LOG.read_text().splitlines() if "7001" in line]
    stranger = len(lines)
    lines += ["1782815000|NONE|support|PJSIP/7002|PAUSE|멍때리기", "\0\1binary", "nonsense", "1782815001|a|b|c|HELLO|"]
    log = tmp_path / "bad_log"
    log.write_bytes("\r\n".join(lines).encode() + b"\r\n1782815002|cut")
    told = home.run("ingest", "queue-log", log, "--service", "cs", "--json")
    assert told.code == 3
    counts = told.json
    assert sum(counts["unmatched"].values()) == stranger
    assert counts["unmatched"].keys() == {"PJSIP/9001"}
    assert counts["unreadable"]["count"] == 3
    assert counts["unknown"] == {"octui.queue.HELLO": 1}
    assert counts["unknown_reasons"] == {"멍때리기": 1}
    assert counts["lines"] == stranger + 5
    for words in ("PJSIP/9001", "멍때리기", "binary data", "left for the next run", f"line {stranger + 2} "):
        assert words in told.err
    table = home.run("ingest", "queue-log", log, "--service", "cs")
    assert table.code == 3
    assert table.out.split()[:2] == ["event", "count"]
    assert "passed over" in table.out
    reasons = tmp_path / "reasons.csv"
    reasons.write_text("reason,state\n멍때리기,dancing\n")
    wrong = home.run("ingest", "queue-log", log, "--service", "cs", "--reasons", reasons)
    assert (wrong.code, wrong.out) == (2, "")
    assert "line 2" in wrong.err


def test_events_come_by_standard_input(home: Home) -> None:
    event = {"specversion": "1.0", "source": "crm", "type": "octui.ticket.created", "data": {"ticket": "T1"}}
    sent = json.dumps([event | {"id": "1"}, event | {"id": "2", "type": "octui.moon.rose"}, event])
    told = home.run("ingest", "events", "-", "--json", stdin=sent)
    assert told.code == 3
    assert (told.json["taken"], told.json["unknown"]) == (1, {"octui.moon.rose": 1})
    assert told.json["refused"] == {"count": 1, "first": [{"line": 3, "reason": "id: It is missing."}]}
    assert home.ok("stats", "--agent", "minsu", "--json").json["tickets"]["unassigned"] == 1
    assert home.run("ingest", "events", "-", stdin="nonsense\n").code == 3
    assert home.run("ingest", "events", "nowhere.json").err.startswith("octui: nowhere.json: No such file")


def test_follow_goes_on_until_it_is_ended(home: Home, tmp_path: Path) -> None:
    lines = QUEUE_LOG.read_bytes().splitlines(keepends=True)
    log = tmp_path / "queue_log"
    log.write_bytes(b"".join(lines[:3]))
    home.database.unlink()  # set up anew, so that what arrives is new
    home.set_up()
    following = home.start("ingest", "queue-log", log, "--service", "cs", "--follow", "--json")
    try:
        # Who looks again and again would keep the file from it.
        _until(lambda: _owner(home) == following.pid)
        _until(lambda: _logged_in(home) == 1)
        with log.open("ab") as file:
            file.writelines(lines[3:8])
        _until(lambda: figures(home, "minsu")[0].json["phone"]["inbound_calls"]["count"] == 1)
        following.send_signal(signal.SIGINT)
        out, err = following.communicate(timeout=20)
    finally:
        following.kill()
    assert following.returncode == 0, err
    assert json.loads(out)["taken"] == 8


def _owner(home: Home) -> int | None:
    """The process that has the database."""
    lock = home.database.with_name("octui.db.lock").read_text()
    owner: int | None = json.loads(lock)["pid"] if lock else None
    return owner


def _logged_in(home: Home) -> int | None:
    count: int | None = figures(home, "minsu")[0].json["phone"]["logged_in"]["count"]
    return count


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        threading.Event().wait(0.05)  # the other program needs the processor too


def test_watching_says_what_changes(home: Home) -> None:
    watching = home.start("stats", "--agent", "minsu", "--watch", "--language", "en")
    try:
        assert watching.stdout is not None
        shown = [watching.stdout.readline() for _ in range(3)]
        assert "minsu" in "".join(shown)
        now = datetime.now(UTC).isoformat()
        event = {"specversion": "1.0", "source": "pbx", "subject": "minsu", "time": now, "data": {}}
        home.ok("ingest", "events", "-", stdin=json.dumps(event | {"id": "1", "type": "octui.phone.login"}))
        while not re.match(r"\d\d:\d\d:\d\d ▶ Ready 1 times 00:00:0\d$", line := watching.stdout.readline()):
            assert line, "it ended"
        watching.send_signal(signal.SIGINT)
        out, err = watching.communicate(timeout=20)
    finally:
        watching.kill()
    assert (watching.returncode, out) == (130, "")
    assert err == "octui: stopped.\n"


def test_cti_ids_leave_and_come_back(home: Home, tmp_path: Path) -> None:
    for name in ("agents.xlsx", "agents.csv"):
        home.ok("cti", "export", tmp_path / name)
        unchanged = home.ok("cti", "import", tmp_path / name)
        assert "nothing differs" in unchanged.err
    sheet = tmp_path / "agents.csv"
    sheet.write_bytes(sheet.read_bytes().replace(b"7001", b"SWAP").replace(b"7002", b"7001").replace(b"SWAP", b"7002"))
    before = home.ok("cti", "list", "--json").json
    tried = home.ok("cti", "import", sheet, "--dry-run")
    assert "4 cells would be saved" in tried.err
    assert home.ok("cti", "list", "--json").json == before
    assert "4 cells saved, 0 refused" in home.ok("cti", "import", sheet).err
    after = {agent["account"]: (agent["cti_id"], agent["cti_no"]) for agent in home.ok("cti", "list", "--json").json}
    assert after == {"minsu": ("7002", "17002"), "jiwoo": ("7001", "17001")}
    taken = home.run("cti", "set", "minsu", "--id", "7001")
    assert taken.code == 1
    assert "minsu cti_id" in taken.err
    assert home.run("cti", "set", "minsu").code == 2
    assert home.run("cti", "export", "agents.txt").code == 2


def test_the_log_is_searched_exported_and_verified(home: Home, tmp_path: Path) -> None:
    found = home.ok("audit", "search", "이름:ㄱㅁㅅ since:1d", "--json").json
    assert [entry["action"] for entry in found] == ["cti.changed", "agent.added", "member.added"]
    assert {entry["actor_account"] for entry in found} == {"hong"}
    table = home.ok("audit", "search", "id:minsu").out
    assert table.count("\n") == 4
    assert "김민수" in table
    for name in ("log.xlsx", "log.csv"):
        assert "entries written" in home.ok("audit", "export", tmp_path / name).err
    whole = home.ok("audit", "search", "--log", "all", "--json").json
    assert (tmp_path / "log.csv").read_text("utf-8-sig").count("\n") == len(whole) + 1
    parts = [home.ok("audit", "search", "--log", log, "--json").json for log in ("permissions", "administration")]
    assert sorted((entry["seq"] for part in parts for entry in part), reverse=True) == [one["seq"] for one in whole]
    assert parts[0] == home.ok("audit", "search", "--json").json
    assert {"organization.created", "service.added"} <= {entry["action"] for entry in parts[1]}
    home.ok("audit", "export", tmp_path / "administration.csv", "--log", "administration")
    assert (tmp_path / "administration.csv").read_text("utf-8-sig").count("\n") == len(parts[1]) + 1
    assert home.ok("audit", "verify", "--json").json["ok"] is True
    assert home.run("audit", "search", "moon:full").code == 2


@pytest.fixture
def served(home: Home, tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A served octui on a free port: its address, and its process."""
    server = home.start("serve", "--port", "0")
    try:
        assert server.stderr is not None
        said = server.stderr.readline()
        assert "serving on http://127.0.0.1:" in said, said + server.stderr.read()
        yield said.partition("serving on ")[2].partition(";")[0], server
    finally:
        server.kill()
        server.communicate()


def test_a_served_octui(home: Home, served: tuple[str, "subprocess.Popen[str]"], tmp_path: Path) -> None:
    url, server = served
    token = tmp_path / "minsu.token"
    issued = home.ok("token", "minsu", "--file", token)
    assert issued.out == ""
    assert token.stat().st_mode & 0o777 == 0o600
    assert home.run("token", "minsu", "--file", token).code == 1
    stranger = Home(tmp_path / "stranger")
    remote = ("--url", url, "--token-file", token)
    mine = stranger.ok("stats", *remote, "--service", "cs", "--date", DAYS[1], "--json").json
    assert mine == figures(home, "minsu")[1].json
    assert not stranger.database.exists()
    by_environment = {"OCTUI_URL": url, "OCTUI_TOKEN_FILE": str(token)}
    assert stranger.ok("stats", "--json", **by_environment).json["agent"] == "minsu"
    other = stranger.run("stats", *remote, "--service", "cs", "--agent", "jiwoo", "--json")
    assert (other.code, other.out) == (1, "")
    assert stranger.run("token", "minsu", *remote).code == 1
    token.chmod(0o644)
    assert "chmod 600" in stranger.run("stats", *remote).err
    token.chmod(0o600)
    token.write_text("oct_wrong\n")
    assert "Sign in" in stranger.run("stats", *remote).err
    second = home.run("serve", "--port", "0")
    assert second.code == 1
    assert "another octui" in second.err
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=20) == 0
    assert not list(home.database.parent.glob("*.sock"))
    gone = stranger.run("stats", *remote)
    assert gone.code == 1
    assert url in gone.err


def test_rule_11_the_organization_and_its_key(home: Home) -> None:
    shown = home.ok("organization", "show", "--json").json
    assert (shown["domain"], shown["url"]) == ("hanbit", "https://hanbit.oc.toast.com")
    assert re.fullmatch("••••[0-9a-f]{4}", shown["key"]["masked"])
    first = home.ok("organization", "key", "show")
    assert re.fullmatch("[0-9a-f]{32}\n", first.out)
    assert first.out.endswith(shown["key"]["masked"][-4:] + "\n")
    again = home.run("organization", "key", "show")
    assert (again.code, again.out) == (1, "")
    assert "has been shown already" in again.err
    for typed in ((), ("--yes", "한빛")):
        refused = home.run("organization", "key", "change", *typed)
        assert (refused.code, refused.out) == (1 if typed else 2, "")
    changed = home.ok("organization", "key", "change", "--yes", "한빛 고객센터", "--json").json
    assert changed["key"] != first.out.strip()
    assert changed["key"][-4:] in home.ok("organization", "show").out
    for text in (first.out.strip(), changed["key"]):
        for path in home.folder.rglob("*"):
            assert not path.is_file() or text.encode() not in path.read_bytes(), path


def test_the_operator_sets_what_the_organization_is(home: Home) -> None:
    told = home.ok("organization", "set", "--domain", "Han-2", "--ipcc-agreed", "yes", "--json").json
    assert (told["url"], told["ipcc_agreed"]) == ("https://Han-2.oc.toast.com", True)
    told = home.ok("organization", "set", "--ipcc-agreed", "no", "--mobile-contact-activated", "yes", "--json").json
    assert (told["domain"], told["ipcc_agreed"], told["mobile_contact_activated"]) == ("Han-2", False, True)
    assert "oc.hanbit.example" in home.ok("organization", "show", OCTUI_URL_SUFFIX="oc.hanbit.example").out
    assert home.run("organization", "set").code == 2
    refused = home.run("organization", "set", "--domain", "a_b")
    assert refused.code != 0
    assert "domain" in refused.err
    denied = home.run("organization", "set", "--domain", "mine", "--as", "minsu")
    assert (denied.code, home.ok("organization", "show", "--json").json["domain"]) == (1, "Han-2")
    assert home.ok("organization", "show", "--as", "minsu", "--json").json["key"] is None
    assert home.run("config", "validate", OCTUI_URL_SUFFIX="a b").code == 2
