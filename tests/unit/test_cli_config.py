"""Settings: which place wins, and how a wrong one is reported."""

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
def settings_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty folders, and no variables of octui."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OCTUI_{name.upper()}", raising=False)
    for name in ("DATA", "CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def write_settings(text: str) -> Path:
    path = paths.config_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_default_is_the_users_own_database() -> None:
    assert load_settings().database_url() == f"sqlite:///{paths.data_folder()}/octui.db"


def test_options_override_variables_and_variables_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write_settings('service = "file"\nlanguage = "ja"\nmouse = true\n')
    assert (load_settings().service, load_settings().language, load_settings().mouse) == ("file", "ja", True)
    monkeypatch.setenv("OCTUI_SERVICE", "variable")
    assert load_settings().service == "variable"
    assert load_settings({"service": "option", "language": None}).service == "option"
    monkeypatch.setenv("OCTUI_SERVICE", "")
    assert load_settings().service == "file"
    monkeypatch.setenv("OCTUI_MOUSE", "false")
    assert load_settings().mouse is False


@pytest.mark.parametrize(("far", "near"), [("url", "database"), ("database", "url")])
def test_nearer_url_or_database_cancels_the_other(monkeypatch: pytest.MonkeyPatch, far: str, near: str) -> None:
    write_settings(f'{far} = "far"\n')
    assert load_settings({near: "near"}).model_dump(include={far, near}) == {far: None, near: "near"}
    monkeypatch.setenv(f"OCTUI_{near.upper()}", "nearer")
    assert load_settings().model_dump(include={far, near}) == {far: None, near: "nearer"}
    assert load_settings({far: "nearest"}).model_dump(include={far, near}) == {far: "nearest", near: None}


def test_url_and_database_together_are_wrong_use() -> None:
    with pytest.raises(CommandError, match="--url and --database exclude each other") as error:
        load_settings({"url": "https://x", "database": "sqlite:///x"})
    assert error.value.code == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("langauge = 'ko'\n", "langauge in .*config.toml: there is no such setting"),
        ("language = 'fr'\n", "language in .*config.toml: Input should be"),
        ("url = [\n", "not valid TOML"),
        ("mouse = 'perhaps'\n", "mouse in"),
    ],
)
def test_wrong_file_is_named(text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_settings(text)
    with pytest.raises(CommandError, match=message) as error:
        load_settings()
    assert error.value.code == 2
    assert main(["config", "validate"]) == 2
    assert capsys.readouterr().err.startswith("octui: ")


def test_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTUI_LANGUAGE", "xx")
    with pytest.raises(CommandError, match="OCTUI_LANGUAGE in the environment"):
        load_settings()


def test_shown_settings_can_be_read_back(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OCTUI_SERVICE", 'a"b\\c\t가')
    monkeypatch.setenv("OCTUI_TOKEN_FILE", "~/token")
    assert main(["config", "show"]) == 0
    shown = capsys.readouterr().out
    monkeypatch.delenv("OCTUI_SERVICE")
    monkeypatch.delenv("OCTUI_TOKEN_FILE")
    write_settings(shown)
    assert load_settings().service == 'a"b\\c\t가'
    assert load_settings().token_file == Path("~/token").expanduser()
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out.strip() == str(paths.config_file())


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://octui:p@ss/w:rd@db.example/octui", "postgresql://octui:***@db.example/octui"),
        ("postgresql+psycopg://octui:secret@db.example", "postgresql+psycopg://octui:***@db.example"),
        ("postgresql://db.example/octui?user=a&password=secret", "postgresql://db.example/octui?user=a&password=***"),
        ("postgresql://octui@db.example/octui", "postgresql://octui@db.example/octui"),
        ("sqlite:////srv/a:b@c/octui.db", "sqlite:////srv/a:b@c/octui.db"),
    ],
)
def test_password_of_the_database_is_masked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str, shown: str
) -> None:
    monkeypatch.setenv("OCTUI_DATABASE", url)
    assert main(["config", "show"]) == 0
    assert f'database = "{shown}"' in capsys.readouterr().out.splitlines()


def test_token_file_must_be_private(settings_folders: Path) -> None:
    path = settings_folders / "token"
    with pytest.raises(CommandError, match="No such file"):
        read_token(path)
    path.write_text("oct_x\nmore\n")
    for mode in (0o644, 0o640, 0o604):
        path.chmod(mode)
        with pytest.raises(CommandError, match="chmod 600"):
            read_token(path)
    path.chmod(0o600)
    assert read_token(path) == "oct_x"
    link = settings_folders / "link"
    link.symlink_to(path)
    with pytest.raises(CommandError, match="link"):
        read_token(link)
    path.write_text("")
    with pytest.raises(CommandError, match="empty"):
        read_token(path)


@pytest.mark.parametrize(
    "url", ["octui.example", "ftp://octui.example", "http://octui.example", "https://a:b@c", "https://"]
)
def test_wrong_address_is_refused_before_anything_is_sent(settings_folders: Path, url: str) -> None:
    token = settings_folders / "token"
    token.touch(0o600)
    token.write_text("oct_x")
    with pytest.raises(BadAddress):
        transport_for(load_settings({"url": url, "token_file": str(token)}), Via.COMMAND)
    assert main(["stats", "--url", url, "--token-file", str(token)]) == 2


def test_served_octui_needs_a_token_and_refuses_as() -> None:
    with pytest.raises(CommandError, match="--token-file"):
        transport_for(load_settings({"url": "https://octui.example"}), Via.COMMAND)
    with pytest.raises(CommandError, match="--as"):
        transport_for(load_settings({"url": "https://octui.example"}), Via.COMMAND, acting_as="kim")
