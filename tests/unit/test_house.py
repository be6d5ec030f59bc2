"""What each mode of the program loads, measured by starting it in a process of its own."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from octui.cli.main import COMMANDS

HEAVY = {"textual", "rich", "pydantic", "httpx", "fastapi", "starlette", "sqlalchemy", "alembic", "openpyxl", "uvicorn"}
SERVER = {"octui.server", "fastapi", "starlette", "sqlalchemy", "alembic", "uvicorn", "openpyxl", "psycopg"}

_SERVER = """
import asyncio, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

class Unauthenticated(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"title": "No", "status": 401, "code": "unauthenticated"}'
        self.send_response(401)
        self.send_header("content-type", "application/problem+json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

server = HTTPServer(("127.0.0.1", 0), Unauthenticated)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
"""

_PAINT = """
import asyncio
from octui.cli.screens import open_connection
from octui.cli.connection import transport_for
from octui.cli.settings import load_settings
from octui.schema.audit import Via
from octui.ui.app import OctuiApp

async def paint_app(transport):
    errors, failed = [], asyncio.Event()
    async def connect():
        on_paint()
        try:
            return await open_connection(app, transport, None)
        except Exception as error:
            errors.append(error)
            failed.set()
            raise
    app = OctuiApp(connect, "ko", None)
    async with app.run_test(size=(80, 24)):
        await failed.wait()
    await transport.close()
    return errors
"""


def loaded_modules(program: str, tmp_path: Path) -> set[str]:
    """Return the modules that a program has loaded when it first calls `show()`."""
    preamble = "import json, sys\ndef show():\n    print(json.dumps(sorted(sys.modules)), flush=True)\n"
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("OCTUI_", "TEXTUAL"))}
    environ |= {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("DATA", "CONFIG", "STATE", "CACHE")}
    process = subprocess.run(
        [sys.executable, "-c", preamble + program],
        capture_output=True,
        text=True,
        timeout=60,
        env=environ,
        check=False,
    )
    lines = [line for line in process.stdout.splitlines() if line.startswith('["')]
    assert lines, process.stderr
    return set(json.loads(lines[0]))


def modules_within(modules: set[str], names: set[str]) -> set[str]:
    return {module for module in modules for name in names if module == name or module.startswith(name + ".")}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_loads_nothing_heavy(option: str, tmp_path: Path) -> None:
    program = f"""
from octui.cli.main import main
try:
    main(["{option}"])
except SystemExit:
    show()
"""
    assert not modules_within(loaded_modules(program, tmp_path), HEAVY | {"octui.server", "octui.ui", "octui.client"})


def test_remote_mode_loads_nothing_of_the_server(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("oct_x\n")
    token.chmod(0o600)
    program = (
        _SERVER
        + _PAINT
        + f"""
def on_paint(): pass
from pathlib import Path
transport = transport_for(load_settings({{"url": url, "token_file": {str(token)!r}}}), Via.SCREEN)
(error,) = asyncio.run(paint_app(transport))
assert getattr(error, "code", None) == "unauthenticated", repr(error)
show()
"""
    )
    modules = loaded_modules(program, tmp_path)
    assert {"textual", "httpx", "octui.ui.app"} <= modules
    assert not modules_within(modules, SERVER | {"octui.sim", "octui.intake"})


def test_first_paint_comes_before_the_server_is_loaded(tmp_path: Path) -> None:
    program = (
        _PAINT
        + """
on_paint = show
transport = transport_for(load_settings({}), Via.SCREEN)
(error,) = asyncio.run(paint_app(transport))
assert getattr(error, "code", None) == "not_found", repr(error)
"""
    )
    modules = loaded_modules(program, tmp_path)
    assert {"textual", "octui.ui.app", "octui.cli.embedded_server"} <= modules
    assert not modules_within(modules, SERVER)


def test_first_paint_of_the_demo_comes_before_the_server_is_loaded(tmp_path: Path) -> None:
    program = """
from octui.cli.commands import demo
import octui.cli.screens
from octui.cli.demo_server import DemoTransport
from octui.cli.settings import Settings
transport = DemoTransport(Settings(database="sqlite:///nowhere.db"), "agent", agents=50_000, seed=1, pace=1.0)
show()
"""
    assert not modules_within(loaded_modules(program, tmp_path), SERVER)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_a_module_that_configures_its_parser(command: str) -> None:
    module = importlib.import_module(f"octui.cli.commands.{command}")
    assert callable(module.configure)
