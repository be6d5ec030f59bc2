"""The two steps of the wizard, left at every point by Esc, hang-up and kill -9: they resume where they were."""

import json
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from e2e.commands import OCTUI, Home
from e2e.terminal import Terminal

Leave = Callable[[Terminal], None]
NAME, ID = "고객 지원 센터", "Support"


def saved_drafts(home: Home) -> list[dict[str, Any]]:
    """Return the drafts on disk."""
    paths = (home.folder / "STATE").glob("octui/*/hong/wizard/[!.]*.json")
    return [json.loads(path.read_text(encoding="utf-8"))["draft"] for path in paths]


def has_basic(home: Home, **values: object) -> Callable[[], bool]:
    """Return a condition: step 1 is on disk with these values."""
    return lambda: any(
        all((draft["basic"] or {}).get(name) == value for name, value in values.items()) for draft in saved_drafts(home)
    )


def has_item(home: Home, item: str, **values: object) -> Callable[[], bool]:
    """Return a condition: step 2 is on disk with these values of an item."""
    return lambda: any(
        draft["items"] and all(draft["items"][item][name] == value for name, value in values.items())
        for draft in saved_drafts(home)
    )


def open_contracts(home: Home) -> Terminal:
    """Open the contracts menu of the organization admin, at 80×24."""
    terminal = Terminal([*OCTUI, "--as", "hong"], size=(80, 24), env=home.environ)
    terminal.wait_for("실시간", timeout=30)
    terminal.send("f3")
    number = terminal.wait_for(r"(\w)  계약 현황")[1]
    terminal.type(number)
    terminal.wait_for("서비스 [0-9]+개 중 [0-9]+개")
    return terminal


def leave_by_escape(terminal: Terminal) -> None:
    terminal.send("esc")
    terminal.wait_for("서비스 2개 중 2개")
    terminal.send("ctrl+q")
    assert terminal.wait_exit() == 0


def leave_by_quitting(terminal: Terminal) -> None:
    terminal.send("ctrl+q")
    assert terminal.wait_exit() == 0


def leave_by_hangup(terminal: Terminal) -> None:
    terminal.hangup()
    assert terminal.wait_exit(timeout=5) == 129


def leave_by_sigterm(terminal: Terminal) -> None:
    terminal.kill(signal.SIGTERM)
    assert terminal.wait_exit(timeout=5) == 143


def leave_by_kill(terminal: Terminal) -> None:
    terminal.kill(signal.SIGKILL)
    assert terminal.wait_exit() == -signal.SIGKILL


EACH_WAY = pytest.mark.parametrize(
    "leave", [leave_by_escape, leave_by_quitting, leave_by_hangup, leave_by_sigterm, leave_by_kill]
)


def reopen_unsent_draft(home: Home) -> Terminal:
    """Open the draft that is only on this machine."""
    terminal = open_contracts(home)
    terminal.wait_for(r"미사용 .* 등록 +등록")
    terminal.send("f7")
    terminal.wait_for("쓰다가 보내지 않은 새 서비스")
    terminal.send("enter")
    terminal.wait_for("2단계 중 1단계")
    return terminal


def reopen_draft(home: Home) -> Terminal:
    """Open the draft that the server has, at the step where it was left."""
    terminal = open_contracts(home)
    terminal.wait_for(rf"미사용 +{NAME} +{ID}.*등록")
    terminal.send("enter")
    terminal.wait_for("2단계 중 [12]단계")
    return terminal


@EACH_WAY
def test_step_1_resumes_after_each_field(home: Home, leave: Leave, tmp_path: Path) -> None:
    picture = tmp_path / "배너.png"
    Image.new("RGB", (300, 100), "navy").save(picture)
    with open_contracts(home) as terminal:
        terminal.send("f7")
        terminal.wait_for("2단계 중 1단계")
        terminal.type("고객 ")
        terminal.type("지원 센터")
        terminal.wait_for(NAME)
        terminal.wait_until(has_basic(home, name=NAME))
        leave(terminal)
    with reopen_unsent_draft(home) as terminal:
        terminal.wait_for(rf"서비스 명 +{NAME}")
        terminal.wait_for("서비스마다 달라야")  # the cursor is in the field it was in
        terminal.send("enter")
        terminal.type("지원1")
        terminal.wait_for("영문자 a-z, A-Z만 됩니다")  # reported at once, at the field
        terminal.send("backspace", "backspace", "backspace")
        terminal.type(ID)
        terminal.wait_until(has_basic(home, name=NAME, id=ID))
        leave(terminal)
    with reopen_unsent_draft(home) as terminal:
        terminal.wait_for(rf"서비스 ID +{ID}")
        terminal.send("down")
        terminal.type("ㅇㅂㅇ")  # initials of 일본어 open the picker and search in it
        terminal.wait_for(r"\[ \] ja  일본어")
        terminal.send("enter", "f6", "enter")
        terminal.wait_for("Asia/Tokyo .*제안됨")
        terminal.wait_until(has_basic(home, languages="ja ko", time_zone="Asia/Tokyo", id=ID))
        leave(terminal)
    with reopen_unsent_draft(home) as terminal:
        terminal.wait_for("일본어 .* 한국어")
        terminal.send("down")
        terminal.type("뉴욕")  # no such word; nothing changes
        terminal.wait_for("뉴욕[\\s\\S]*없습니다")
        terminal.send("esc")
        terminal.wait_for("2단계 중 1단계")
        terminal.type("london")
        terminal.wait_for("Europe/London")
        terminal.send("down", "enter")
        terminal.wait_until(has_basic(home, time_zone="Europe/London", own_zone=True))
        leave(terminal)
    with reopen_unsent_draft(home) as terminal:
        terminal.wait_for("Europe/London")
        terminal.send("down")
        terminal.type(str(picture))
        terminal.wait_for("배너: 300x100")
        assert b"\x1b[16t" not in terminal.raw  # the answer would come by the keyboard
        terminal.wait_until(has_basic(home, banner=str(picture)))
        leave(terminal)
    with reopen_unsent_draft(home) as terminal:
        terminal.wait_for("배너: 300x100")
        terminal.send("ctrl+s")
        terminal.wait_for("2단계 중 2단계")
        leave(terminal)
    with reopen_draft(home) as terminal:
        terminal.wait_for("2단계 중 2단계")
    services = {service["id"]: service for service in list_services(home)}
    assert services[ID] == services[ID] | {"state": "create", "time_zone": "Europe/London", "name": NAME}
    assert saved_drafts(home) == []


def list_services(home: Home) -> list[dict[str, Any]]:
    """Return the services as `octui service list` prints them."""
    paths: list[dict[str, Any]] = home.run_ok("service", "list", "--json").json
    return paths


@EACH_WAY
def test_step_2_resumes_after_each_change(home: Home, leave: Leave) -> None:
    with open_contracts(home) as terminal:
        terminal.send("f7")
        terminal.wait_for("2단계 중 1단계")
        terminal.type(f"{NAME}\r{ID}\x13")
        terminal.wait_for("2단계 중 2단계")
        terminal.wait_for("월 10,000원")
        terminal.send("right")
        terminal.type("25")  # neither Enter nor Tab has been pressed yet
        terminal.wait_for("월 250,000원")
        terminal.wait_until(has_item(home, "ticket", users="25"))
        if leave is leave_by_escape:
            terminal.send("esc")  # cancels the number, as in every table
            terminal.wait_for("월 10,000원")
            terminal.type("25\r")
            terminal.wait_for("월 250,000원")
        leave(terminal)
    with reopen_draft(home) as terminal:
        terminal.wait_for(r"\[x\] 티켓 .* 25 ")
        terminal.wait_for("월 250,000원")
        terminal.send("ctrl+home", "down", "down", "left", "left", "left")
        terminal.type(" ")
        terminal.wait_for("월 260,000원")
        terminal.wait_until(has_item(home, "chat", on=True))
        leave(terminal)
    with reopen_draft(home) as terminal:
        terminal.wait_for(r"\[x\] 채팅")
        terminal.wait_for("월 260,000원")
        terminal.send("f7")
        terminal.wait_for("2단계 중 1단계")
        terminal.type("장 이름")
        terminal.wait_until(has_basic(home, name=f"{NAME}장 이름"))
        leave(terminal)
    with reopen_draft(home) as terminal:
        terminal.wait_for(rf"2단계 중 1단계[\s\S]*{NAME}장 이름")
        terminal.send("ctrl+s")
        terminal.wait_for("2단계 중 2단계")
        terminal.wait_for("월 260,000원")
        terminal.send("ctrl+s")
        terminal.wait_for("서비스를 등록할까요")
        if leave is leave_by_escape:
            terminal.send("esc")
            terminal.wait_gone("서비스를 등록할까요")
        if leave is not leave_by_quitting:  # the question can be left with Esc only
            leave(terminal)
    with open_contracts(home) as terminal:
        terminal.wait_for(rf"미사용 +{NAME}장")  # the rest of a long name is cut at 80 columns
        terminal.send("f6")
        terminal.wait_for("월 260,000원")
        terminal.send("ctrl+s")
        terminal.wait_for("서비스를 등록할까요")
        terminal.send("enter")
        terminal.wait_for("이제 사용 상태")
        terminal.wait_for(rf"사용 +{NAME}장.* +{ID} .* 수정 +수정")
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0
    service = next(service for service in list_services(home) if service["id"] == ID)
    assert service["state"] == "inuse"
    assert sorted(service["items"]) == ["chat", "ticket"]
    assert saved_drafts(home) == []


def test_kill_after_step_1_was_saved_resumes_at_step_2(home: Home) -> None:
    with open_contracts(home) as terminal:
        terminal.send("f7")
        terminal.wait_for("2단계 중 1단계")
        terminal.type(f"{NAME}\r{ID}")
        terminal.wait_until(has_basic(home, id=ID))
        (path,) = (home.folder / "STATE").glob("octui/*/hong/wizard/[!.]*.json")
        before = path.read_text(encoding="utf-8")
        terminal.send("ctrl+s")
        terminal.wait_for("2단계 중 2단계")
        leave_by_kill(terminal)
    # As it was on disk while the request was under way.
    draft = json.loads(before)
    draft["draft"]["sending"] = True
    path.write_text(json.dumps(draft), encoding="utf-8")
    with reopen_draft(home) as terminal:
        terminal.wait_for("2단계 중 2단계")
        assert len(re.findall(ID, terminal.text())) == 1
    assert saved_drafts(home) == []


def test_draft_file_is_readable_by_its_owner_alone(home: Home) -> None:
    with open_contracts(home) as terminal:
        terminal.send("f7")
        terminal.wait_for("2단계 중 1단계")
        terminal.type(NAME)
        terminal.wait_until(has_basic(home, name=NAME))
        (path,) = (home.folder / "STATE").glob("octui/*/hong/wizard/[!.]*.json")
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert [paths.name for paths in path.parent.iterdir()] == [path.name]
