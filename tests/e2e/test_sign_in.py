"""Accepting an invitation, signing in and out on the screens of a served organization, in a terminal."""

from pathlib import Path

from e2e.commands import OCTUI, Home
from e2e.terminal import Terminal

PASSWORD = "seven blue chairs sing"


def test_person_accepts_signs_in_and_is_removed(home: Home, server_url: str, tmp_path: Path) -> None:
    code = home.run_ok("member", "invite", "mina", "--name", "이미나", "--email", "mina@hanbit.example").out.strip()
    mina = Home(tmp_path / "mina")
    command = [*OCTUI, "--url", server_url]
    with Terminal(command, size=(80, 24), env=mina.environ) as terminal:
        terminal.wait_for("비밀번호", timeout=20)
        assert server_url in terminal.text()
        terminal.send("f7")
        terminal.wait_for("초대 코드")
        terminal.wait_for("15자 이상")
        for text in (code, PASSWORD, PASSWORD):
            terminal.type(text)
            terminal.send("enter")
        terminal.wait_for(r"계정 +mina", timeout=20)
        terminal.type("wrong")
        terminal.send("enter")
        terminal.wait_for("맞지 않습니다", timeout=20)
        terminal.send("ctrl+u")
        terminal.type(PASSWORD)
        terminal.send("enter")
        terminal.wait_for(r"사용자 설정", timeout=20)  # without a role there is no other menu
        assert PASSWORD not in terminal.text()
        home.run_ok("agent", "add", "mina", "--service", "cs", "--role", "agent", "--phone")
        terminal.wait_for("1 My 실적")
        home.run_ok("organization", "admin", "add", "mina")
        terminal.wait_for(r"[0-9]  [0-9]  [0-9]")
        terminal.send("f3")
        terminal.wait_for(r"조직 정보[^$]*회원")
        terminal.send("esc")
        terminal.wait_gone("메뉴$")
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0
    files = list((mina.folder / "STATE" / "octui" / "sessions").iterdir())
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600]
    assert PASSWORD not in files[0].read_text()

    with Terminal(command, size=(80, 24), env=mina.environ) as terminal:
        terminal.wait_for("고객상담", timeout=20)  # with the saved session
        assert "비밀번호" not in terminal.text()
        home.run_ok("organization", "admin", "remove", "mina")
        home.run_ok("member", "remove", "mina")
        terminal.wait_for(r"로그인이 만료되었습니다", timeout=20)
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0


def test_signing_out_ends_the_session(home: Home, server_url: str, tmp_path: Path) -> None:
    code = home.run_ok("member", "invite", "minsu", "--name", "김민수", "--email", "minsu@hanbit.example").out.strip()
    minsu = Home(tmp_path / "minsu")
    minsu.run_ok("accept", code, "--url", server_url, stdin=PASSWORD + "\n")
    minsu.run_ok("login", "--url", server_url, "--account", "minsu", stdin=PASSWORD + "\n")
    with Terminal([*OCTUI, "--url", server_url], size=(80, 24), env=minsu.environ) as terminal:
        terminal.wait_for("My 실적", timeout=20)
        terminal.wait_for("김민수")
        terminal.send("ctrl+o")
        terminal.wait_for("로그인 기기")
        terminal.send("7")
        terminal.wait_for("현재 기기")
        terminal.send("esc")
        terminal.wait_gone("현재 기기")
        terminal.send("ctrl+o")
        terminal.wait_for("로그인 기기")
        terminal.send("8")
        terminal.wait_for("끝낼까요")
        terminal.send("2")
        assert terminal.wait_exit() == 0
    assert minsu.run("stats", "--json", OCTUI_URL=server_url).code == 2
