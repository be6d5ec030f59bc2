"""Settings: which place wins, and what is said about a wrong one."""

from pathlib import Path

import pytest

from octui.cli import paths
from octui.cli.connection import read_token, transport_for
from octui.cli.failures import CommandError
from octui.cli.main import main
from octui.cli.settings import Settings, load_settings
from octui.client.errors import BadAddress
from octui.schema.audit import Via


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty folders and no variables of octui's."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OCTUI_{name.upper()}", raising=False)
    for name in ("DATA", "CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def write(text: str) -> Path:
    path = paths.config_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_anything_it_is_ones_own_database() -> None:
    assert load_settings().database_url() == f"sqlite:///{paths.data_folder()}/octui.db"


def test_options_before_variables_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write('service = "file"\nlanguage = "ja"\nmouse = true\n')
    assert (load_settings().service, load_settings().language, load_settings().mouse) == ("file", "ja", True)
    monkeypatch.setenv("OCTUI_SERVICE", "variable")
    assert load_settings().service == "variable"
    assert load_settings({"service": "option", "language": None}).service == "option"
    monkeypatch.setenv("OCTUI_SERVICE", "")
    assert load_settings().service == "file"
    monkeypatch.setenv("OCTUI_MOUSE", "false")
    assert load_settings().mouse is False


@pytest.mark.parametrize(("far", "near"), [("url", "database"), ("database", "url")])
def test_a_nearer_way_puts_the_other_aside(monkeypatch: pytest.MonkeyPatch, far: str, near: str) -> None:
    write(f'{far} = "far"\n')
    assert load_settings({near: "near"}).model_dump(include={far, near}) == {far: None, near: "near"}
    monkeypatch.setenv(f"OCTUI_{near.upper()}", "nearer")
    assert load_settings().model_dump(include={far, near}) == {far: None, near: "nearer"}
    assert load_settings({far: "nearest"}).model_dump(include={far, near}) == {far: "nearest", near: None}


def test_both_at_once_is_wrong_use() -> None:
    with pytest.raises(CommandError, match="--url and --database exclude each other") as caught:
        load_settings({"url": "https://x", "database": "sqlite:///x"})
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("langauge = 'ko'\n", "langauge in .*config.toml: there is no such setting"),
        ("language = 'fr'\n", "language in .*config.toml: Input should be"),
        ("url = [\n", "not valid TOML"),
        ("mouse = 'perhaps'\n", "mouse in"),
    ],
)
def test_a_wrong_file_is_named(text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(text)
    with pytest.raises(CommandError, match=said) as caught:
        load_settings()
    assert caught.value.code == 2
    assert main(["config", "validate"]) == 2
    assert capsys.readouterr().err.startswith("octui: ")


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTUI_LANGUAGE", "xx")
    with pytest.raises(CommandError, match="OCTUI_LANGUAGE in the environment"):
        load_settings()


def test_what_is_shown_can_be_read_back(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OCTUI_SERVICE", 'a"b\\c\t가')
    monkeypatch.setenv("OCTUI_TOKEN_FILE", "~/token")
    assert main(["config", "show"]) == 0
    shown = capsys.readouterr().out
    monkeypatch.delenv("OCTUI_SERVICE")
    monkeypatch.delenv("OCTUI_TOKEN_FILE")
    write(shown)
    assert load_settings().service == 'a"b\\c\t가'
    assert load_settings().token_file == Path("~/token").expanduser()
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out.strip() == str(paths.config_file())


def test_a_token_is_yours_alone(home: Path) -> None:
    path = home / "token"
    with pytest.raises(CommandError, match="No such file"):
        read_token(path)
    path.write_text("oct_x\nmore\n")
    for mode in (0o644, 0o640, 0o604):
        path.chmod(mode)
        with pytest.raises(CommandError, match="chmod 600"):
            read_token(path)
    path.chmod(0o600)
    assert read_token(path) == "oct_x"
    link = home / "link"
    link.symlink_to(path)
    with pytest.raises(CommandError, match="link"):
        read_token(link)
    path.write_text("")
    with pytest.raises(CommandError, match="empty"):
        read_token(path)


@pytest.mark.parametrize(
    "url", ["octui.example", "ftp://octui.example", "http://octui.example", "https://a:b@c", "https://"]
)
def test_a_wrong_address_is_found_before_anything_is_sent(home: Path, url: str) -> None:
    token = home / "token"
    token.touch(0o600)
    token.write_text("oct_x")
    with pytest.raises(BadAddress):
        transport_for(load_settings({"url": url, "token_file": str(token)}), Via.COMMAND)
    assert main(["stats", "--url", url, "--token-file", str(token)]) == 2


def test_a_served_octui_needs_a_token_and_nobody_else_s_name() -> None:
    with pytest.raises(CommandError, match="--token-file"):
        transport_for(load_settings({"url": "https://octui.example"}), Via.COMMAND)
    with pytest.raises(CommandError, match="--as"):
        transport_for(load_settings({"url": "https://octui.example"}), Via.COMMAND, acting_as="kim")
