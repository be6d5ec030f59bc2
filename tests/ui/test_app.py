"""The app around the screens: menus by role, help, language, connection, hostile names, sizes."""

import asyncio
from pathlib import Path

import pytest

from octui.client.errors import BadAnswer, ClientError, SignInNeeded, Unreachable
from octui.schema.agents import Role
from octui.schema.audit import LegacyText
from octui.schema.live import ME
from octui.schema.organization import Me
from octui.text.safe import safe
from octui.ui import app as app_module
from octui.ui.actions import ACTIONS
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.report import Report
from octui.ui.locale import Words
from octui.ui.menu_screen import MenuScreen
from octui.ui.widgets.key_line import key_name
from octui.ui.widgets.search_line import SearchLine
from ui.fake_floor import NOW, agent, entry, member, stats
from ui.fakes import HOSTILE, FakeApi, cti_agent, me
from ui.person import Person, at

MINE = ("stats", "agents", "cti", "audit")
LABELS = {"stats": "My stats", "agents": "Agents", "cti": "CTI agents", "audit": "Change log"}
EVERYTHING = me(role=Role.ADMIN)
NASTY = (
    *HOSTILE,
    *map(safe, ("\x1b[31m빨강\x1b]52;c;eA==\x07", "\u202efdp.exe", "\u2067x\u2069", "a\u200bb\u200db", "x" * 10_000)),
    safe("👨‍👩‍👧‍👦" * 30),
    safe("e" + "\u0301" * 50),
)
"""Names as they reach the screens: what stands in the data, after the client has made it harmless."""


TEXTS = ("target_name", "target_account", "actor_name", "ip", "service")


def service(person: Me = EVERYTHING, names: tuple[str, ...] = ("김민수", "이영희")) -> FakeApi:
    """With something in each menu."""
    accounts = {f"u{i}": name for i, name in enumerate(names)}
    api = FakeApi(person, [cti_agent(account, name, f"{i}") for i, (account, name) in enumerate(accounts.items())])
    api.seat(*(agent(account, name, "ready", NOW, email=name) for account, name in accounts.items()))
    api.members_known = [member(account, name) for account, name in accounts.items()]
    api.record(
        *(entry(i + 1, before=LegacyText(text=name), **dict.fromkeys(TEXTS, name)) for i, name in enumerate(names))
    )
    return api


async def go(one: Person, menu: str) -> None:
    """To the menu, and its data are there."""
    if one.app.current_mode != menu:
        one.app.switch_mode(menu)
        await one.until(lambda: one.app.current_mode == menu and one.app.screen.is_current)
    await one.pilot.pause()
    one.desk.tell_stats(stats(name=next(iter(one.api.floor.values())).name if one.api.floor else "관리자"))
    one.desk.tell_agents()
    one.desk.tell_cti()
    one.desk.tell_audit()
    await one.settled()


def menus(one: Person) -> dict[str, int]:
    """The menus in the line, of those that are tested here, with their numbers."""
    labels = {label: word for word, label in LABELS.items()}
    return {labels[menu.label]: menu.number for menu in one.app.top_line("stats").menus if menu.label in labels}


# --- menus --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "words", "home"),
    [
        (me(admin=False, role=Role.AGENT), {"stats"}, "stats"),
        (me(admin=False, role=Role.ADMIN), {"stats", "agents", "cti", "audit"}, "agents"),
        (me(admin=True), {"agents", "cti", "audit"}, "cti"),
        (me(admin=True, role=Role.AGENT), {"stats", "agents", "cti", "audit"}, "cti"),
        (me(admin=True, phone_contract=False), {"agents", "audit"}, "agents"),
        (me(admin=False, role=Role.ADMIN, phone_contract=False), {"stats", "agents", "audit"}, "agents"),
    ],
)
async def test_menus_and_the_first_screen_by_role(tmp_path: Path, person: Me, words: set[str], home: str) -> None:
    async with at(service(person), tmp_path, None, size=(200, 40)) as one:
        assert set(menus(one)) == words
        assert one.app.current_mode == home
        for word, number in menus(one).items():
            assert f"{number} {LABELS[word]}" in one.lines[0]


async def test_a_menu_one_does_not_have_opens_the_home_instead(tmp_path: Path) -> None:
    async with at(service(me(admin=False, role=Role.AGENT)), tmp_path, "audit") as one:
        assert one.app.current_mode == "stats"
        assert "audit" not in one.api.calls


async def test_digits_go_to_menus_but_not_while_something_is_typed(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await go(one, "agents")
        numbers = menus(one)
        for menu in ("audit", "stats", "agents", "cti"):
            await one.press(str(numbers[menu]))
            await one.until(lambda menu=menu: one.app.current_mode == menu)
        await go(one, "cti")
        await one.press("1")
        assert one.app.current_mode == "cti"
        await go(one, "agents")
        await one.press("f4", "1")
        assert one.app.current_mode == "agents"
        assert one.screen.query_one(SearchLine).value == "1"


async def test_f3_lists_the_menus(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await go(one, "agents")
        await one.press("f3")
        await one.dialog(Choice)
        for label in LABELS.values():
            assert label in one.text
        await one.press(str(menus(one)["audit"]))
        await one.until(lambda: one.app.current_mode == "audit")
        await one.press("f3")
        await one.dialog(Choice)
        await one.press("escape")
        await one.no_dialog()
        assert one.app.current_mode == "audit"


async def test_a_hidden_screen_follows_nothing_and_is_fresh_when_it_comes_back(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await go(one, "agents")
        followed = one.desk.feed.topics
        await go(one, "audit")
        assert not any("agents" in topic for topic in one.desk.feed.topics)
        one.api.seat(agent("u0", "새이름"))
        await go(one, "agents")
        assert one.desk.feed.topics == followed
        assert "새이름" in one.text


# --- help ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("menu", MINE)
async def test_help_lists_every_key_of_the_screen(tmp_path: Path, menu: str) -> None:
    async with at(service(), tmp_path, menu) as one:
        await go(one, menu)
        ids = {active.binding.id for active in one.screen.active_bindings.values()}
        mine = [action for action in ACTIONS if action.id in ids]
        assert {action.id for action in mine} >= {"app.help", "app.menus", "app.quit"}
        assert len([action for action in mine if not action.id.startswith("app.")]) >= 4
        await one.press("f1")
        await one.dialog(Report)
        for action in mine:
            assert key_name(action.keys) in one.text
            assert action.label in one.text
            assert action.tooltip in one.text
        await one.press("enter")
        await one.no_dialog()


@pytest.mark.parametrize("menu", MINE)
@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_at_80_columns_the_key_line_begins_with_help_and_has_what_matters(
    tmp_path: Path, menu: str, language: str
) -> None:
    person = EVERYTHING.model_copy(update={"language": language})
    async with at(service(person), tmp_path, menu, size=(80, 24)) as one:
        await go(one, menu)
        assert one.lines[-1].split()[0] == "F1"
        assert len(one.lines[-1].split()) >= 8


# --- language -----------------------------------------------------------------------------------------------------


async def test_the_language_changes_every_screen_at_once(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "stats", size=(200, 40)) as one:
        for menu in MINE:
            await go(one, menu)
        for language in ("ja", "ko", "en"):
            told = one.api.person.model_copy(update={"language": language})
            one.desk.feed.tell(ME, told.model_dump(mode="json"))
            await one.pilot.pause()
            t = Words(language)
            assert f"{t('Change log')}" in one.lines[0]
            for menu, words in {
                "audit": ("Action", "Before/after", "Verify", "Search"),
                "cti": ("Services", "Save"),
                "agents": ("Role", "Ready", "Remove"),
                "stats": ("Tickets", "Unassigned", "Coaching", "Day before"),
            }.items():
                one.app.switch_mode(menu)
                await one.settled()
                for word in words:
                    assert t(word) in one.text, (language, menu, word)


# --- connection ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Unreachable("connect", "no"), "The service cannot be reached. It is tried again."),
        (BadAnswer("not_json", "no"), "Something else than octui's service answered."),
    ],
)
async def test_a_connection_that_fails_is_said_and_tried_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: ClientError,
    sentence: str,
    language: str,
    size: tuple[int, int],
) -> None:
    monkeypatch.setattr(app_module, "full_jitter", lambda attempt, draw: 0.0)
    api = service(EVERYTHING.model_copy(update={"language": language}))
    api.failure, api.gate = error, asyncio.Semaphore(0)
    async with at(api, tmp_path, "stats", connected=False, size=size) as one:
        assert Words(language)("starting...") in one.lines[0]
        for attempt in (1, 2, 3):
            api.gate.release()
            await one.until(lambda attempt=attempt: api.calls == ["me"] * (attempt + 1))
            await one.pilot.pause()
            assert Words(language)(sentence) in one.lines[0]
        await one.press("f6")
        assert Words(language)("There is no connection yet.") in one.said
        api.failure = None
        api.gate.release()
        await one.until(lambda: one.app.session is not None)
        await one.pilot.pause()
        assert Words(language)("live") in one.lines[0]


@pytest.mark.parametrize("menu", MINE)
async def test_a_server_that_vanishes_and_comes_back(tmp_path: Path, menu: str) -> None:
    async with at(service(), tmp_path, menu) as one:
        await go(one, menu)
        body = one.lines[1:-1]
        one.desk.feed.lose(3)
        await one.passes(1)
        assert "late 4 s" in one.lines[0]
        await one.passes(5)
        assert "9 s old" in one.lines[0]
        await one.passes(60)
        assert "no connection, 1 min old" in one.lines[0]
        if menu == "audit":
            assert one.lines[1:-1] == body
        assert one.app.return_code is None
        one.desk.feed.well()
        await one.passes(1)
        assert "live" in one.lines[0]


async def test_a_token_that_is_refused_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "full_jitter", lambda attempt, draw: 0.0)
    api = service()
    api.failure, api.gate = SignInNeeded(), asyncio.Semaphore(0)
    async with at(api, tmp_path, "stats", connected=False) as one:
        api.gate.release()
        await one.until(lambda: len(api.calls) == 2)
        await one.pilot.pause()
        assert "Sign in again" in one.lines[0]


async def test_after_this_program_stood_still_nobody_is_blamed_before_one_try(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "stats") as one:
        await go(one, "stats")
        nudges: list[int] = []
        one.desk.feed.nudge = lambda: nudges.append(1)  # type: ignore[method-assign]
        one.desk.time += 600
        one.app._on_second()
        await one.pilot.pause()
        assert nudges
        assert "late 10 min" in one.lines[0]
        await one.passes(6)
        assert "no connection, 10 min old" in one.lines[0]


# --- keys of the app ----------------------------------------------------------------------------------------------


async def test_a_sentence_stays_until_the_next_key_whoever_takes_the_key(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "agents") as one:
        await go(one, "agents")
        for key in ("down", "up", "x", "f4"):
            one.screen.say("Saved.")
            await one.pilot.pause()
            assert one.lines[-1].startswith(" Saved.")
            await one.press(key)
            assert one.said == "", key
            assert one.lines[-1].startswith(" F1")


async def test_leaving_saves_what_there_is_to_keep(tmp_path: Path) -> None:
    async with at(service(), tmp_path, "agents") as one:
        kept: list[int] = []
        one.app.save_on_exit(lambda: kept.append(1))
        await one.press("ctrl+l")
        assert kept == []
        await one.press("ctrl+q")
        assert kept == [1]
        assert one.app.return_code == 0


# --- what comes from outside ----------------------------------------------------------------------------------------


def whole(one: Person) -> None:
    """Every line is as wide as the screen, and nothing in it moves a terminal's cursor."""
    width, height = one.app.size
    strips = one.app.screen._compositor.render_strips()
    assert len(strips) == height
    for strip in strips:
        assert strip.cell_length == width, strip.text
        assert all(character.isprintable() or character == "\u200d" for character in strip.text), repr(strip.text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (30, 8)])
@pytest.mark.parametrize("menu", MINE)
async def test_hostile_names_stay_in_their_cells(tmp_path: Path, menu: str, size: tuple[int, int]) -> None:
    for name in NASTY[:3] + NASTY[-7:]:
        person = EVERYTHING.model_copy(
            update={
                "name": name,
                "organization": EVERYTHING.organization.model_copy(update={"name": name}),
                "known_services": [EVERYTHING.known_services[0].model_copy(update={"service_name": name})],
            }
        )
        async with at(service(person, NASTY), tmp_path / str(abs(hash(name))), menu, size=size) as one:
            await go(one, menu)
            whole(one)
            for keys in OPENS[menu]:
                await one.press(*keys)
                await one.pilot.pause()
                whole(one)
                await one.press("escape")
                await one.no_dialog()
            await one.press("ctrl+end")
            await one.settled()
            whole(one)
            assert one.app.return_code is None


OPENS: dict[str, tuple[tuple[str, ...], ...]] = {
    "stats": (("enter",), ("f6",)),
    "agents": (("enter",), ("delete",), ("insert", "u", "enter")),
    "cti": (("f1",),),
    "audit": (("enter",), ("f1",)),
}
"""The dialogs of each screen."""


@pytest.mark.parametrize("menu", MINE)
async def test_every_size_from_a_corner_to_a_wall(tmp_path: Path, menu: str) -> None:
    names = tuple(f"사람{i}" for i in range(100))
    async with at(service(names=names), tmp_path, menu, size=(80, 24)) as one:
        await go(one, menu)
        small = one.text
        await one.press(*["down"] * 5)
        for size in ((300, 80), (80, 24), (30, 8), (10, 3), (300, 80), (80, 24)):
            await one.pilot.resize_terminal(*size)
            await one.until(lambda size=size: one.app.size == size)
            await one.pilot.pause()
            whole(one)
        await one.press(*["up"] * 5)
        assert one.text == small


@pytest.mark.parametrize(("menu", "keys"), [(menu, keys) for menu, many in OPENS.items() for keys in many])
async def test_dialogs_in_every_size(tmp_path: Path, menu: str, keys: tuple[str, ...]) -> None:
    async with at(service(), tmp_path, menu, size=(300, 80)) as one:
        await go(one, menu)
        await one.press(*keys)
        await one.pilot.pause()
        assert not isinstance(one.app.screen, MenuScreen)
        for size in ((80, 24), (40, 10), (300, 80)):
            await one.pilot.resize_terminal(*size)
            await one.until(lambda size=size: one.app.size == size)
            await one.pilot.pause()
            whole(one)
