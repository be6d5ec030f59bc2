"""The app around the screens: menus by role, help, language, connection, hostile names, sizes."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import update

from octui.client.errors import BadAnswer, ClientError, SignInNeeded, Unreachable
from octui.schema.agents import Role
from octui.schema.contracts import ItemTerms
from octui.schema.items import Item
from octui.server.core.principal import Principal
from octui.server.database import tables
from octui.ui import app as app_module
from octui.ui.actions import ACTIONS
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.report import Report
from octui.ui.locale import Words
from octui.ui.menu_screen import MenuScreen
from octui.ui.widgets.key_line import key_name
from octui.ui.widgets.search_line import SearchLine
from ui.person import Person, at
from ui.server import HOSTILE, NOW, SERVICE, Center, Seed, add_shift, seed_organization, seed_service

MINE = ("floor", "stats", "agents", "cti", "audit")
TABLES = MINE[1:]
"""The floor has names of its own in tests/ui/test_floor_screen.py."""
LABELS = {"floor": "Floor", "stats": "My stats", "agents": "Agents", "cti": "CTI agents", "audit": "Change log"}
NASTY = (
    *HOSTILE,
    *("\x1b[31m빨강\x1b]52;c;eA==\x07", "\u202efdp.exe", "\u2067x\u2069", "a\u200bb\u200db", "x" * 10_000),
    "👨‍👩‍👧‍👦" * 30,
    "e" + "\u0301" * 50,
)
"""Names as they may stand in a database; the client makes them harmless."""


async def seed(center: Center, names: Sequence[str] = ("김민수", "이영희")) -> None:
    """Put something into each menu; the admin has a role in the service, and a shift."""
    await seed_service(center)
    await center.add_agent("admin", role=Role.ADMIN)
    await add_shift(center, "admin")
    for number, name in enumerate(names):
        await center.add_agent(f"u{number}", name)
        await center.set_cti(f"u{number}", cti_id=f"{number}")
        await center.set_state(f"u{number}", "ready", NOW - 1000)


async def seed_hundred(center: Center) -> None:
    """Put a hundred agents into the service."""
    await seed(center, [f"사람{number}" for number in range(100)])


async def seed_nasty(center: Center) -> None:
    """Give hostile texts to people, their addresses, and everything in the log."""
    await seed(center, [f"사람{number}" for number in range(len(NASTY))])
    for number, name in enumerate(NASTY):
        account = tables.member.c.account == f"u{number}"
        center.overwrite(update(tables.member).where(account).values(name=name, email=name))
        center.record(name, account=name, name=name, service=name, actor=Principal(None, name, name, ip=name))


async def go(person: Person, menu: str) -> None:
    """Go to the menu and wait until its data are there."""
    if person.app.current_mode != menu:
        person.app.switch_mode(menu)
        await person.until(lambda: person.app.current_mode == menu and person.app.screen.is_current)
    await person.pilot.pause()
    await person.update()


def menus(person: Person) -> dict[str, int]:
    """Return the tested menus in the line of menus with their numbers."""
    labels = {label: word for word, label in LABELS.items()}
    return {labels[menu.label]: menu.number for menu in person.app.top_line("stats").menus if menu.label in labels}


# --- menus --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "role", "item", "words", "home"),
    [
        ("kim", Role.AGENT, Item.TELTICKET, {"stats"}, "stats"),
        ("kim", Role.ADMIN, Item.TELTICKET, {"floor", "stats", "agents", "cti", "audit"}, "floor"),
        ("admin", None, Item.TELTICKET, {"floor", "agents", "cti", "audit"}, "cti"),
        ("admin", Role.AGENT, Item.TELTICKET, {"floor", "stats", "agents", "cti", "audit"}, "cti"),
        ("admin", None, Item.CHAT, {"agents", "audit"}, "agents"),
        ("kim", Role.ADMIN, Item.CHAT, {"stats", "agents", "audit"}, "agents"),
    ],
)
async def test_role_decides_menus_and_first_screen(
    make_center: Callable[[Seed], Center], account: str, role: Role | None, item: Item, words: set[str], home: str
) -> None:
    center = make_center(seed_organization)
    await center.add_service(SERVICE, "상담", ItemTerms(item=Item.TICKET), ItemTerms(item=item))
    if role is not None:
        await center.add_agent(account, "" if account == "admin" else "김민수", role=role, phone=False)
    await center.set_language("en", account)
    async with at(center, None, account=account, size=(200, 40)) as person:
        assert set(menus(person)) == words
        assert person.app.current_mode == home
        for word, number in menus(person).items():
            assert f"{number} {LABELS[word]}" in person.lines[0]


async def test_menu_without_right_opens_the_home_screen_instead(center: Center) -> None:
    async with at(center, "audit", account="u0") as person:
        assert person.app.current_mode == "stats"
        assert "audit" not in center.operations


async def test_digits_open_menus_unless_text_is_typed(center: Center) -> None:
    async with at(center, "agents") as person:
        numbers = menus(person)
        for menu in ("audit", "stats", "agents", "cti"):
            await person.press(str(numbers[menu]))
            await person.until(lambda menu=menu: person.app.current_mode == menu)
        await go(person, "cti")
        await person.press("1")
        assert person.app.current_mode == "cti"
        await go(person, "agents")
        await person.press("f4", "1")
        assert person.app.current_mode == "agents"
        assert person.screen.query_one(SearchLine).value == "1"


async def test_f3_lists_the_menus(center: Center) -> None:
    async with at(center, "agents") as person:
        await person.press("f3")
        await person.dialog(Choice)
        for label in LABELS.values():
            assert label in person.text
        await person.press(str(menus(person)["audit"]))
        await person.until(lambda: person.app.current_mode == "audit")
        await person.press("f3")
        await person.dialog(Choice)
        await person.press("escape")
        await person.no_dialog()
        assert person.app.current_mode == "audit"


async def test_hidden_screen_has_no_leases_and_is_updated_when_shown_again(center: Center) -> None:
    async with at(center, "agents") as person:
        followed = person.feed.topics
        await go(person, "audit")
        assert not any("agents" in topic for topic in person.feed.topics)
        await center.set_state("u0", "rest")
        await go(person, "agents")
        assert person.feed.topics == followed
        assert "Rest" in person.text


# --- help ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("menu", MINE)
async def test_help_lists_every_key_of_the_screen(center: Center, menu: str) -> None:
    async with at(center, menu) as person:
        ids = {active.binding.id for active in person.screen.active_bindings.values()}
        mine = [action for action in ACTIONS if action.id in ids]
        assert {action.id for action in mine} >= {"app.help", "app.menus", "app.quit"}
        assert len([action for action in mine if not action.id.startswith("app.")]) >= 4
        await person.press("f1")
        await person.dialog(Report)
        for action in mine:
            assert key_name(action.keys) in person.text
            assert action.label in person.text
            assert action.tooltip in person.text
        await person.press("enter")
        await person.no_dialog()


@pytest.mark.parametrize("menu", MINE)
@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_key_line_at_80_columns_begins_with_help_and_has_eight_words(
    center: Center, menu: str, language: str
) -> None:
    await center.set_language(language)
    async with at(center, menu, size=(80, 24)) as person:
        assert person.lines[-1].split()[0] == "F1"
        assert len(person.lines[-1].split()) >= 8


# --- language -----------------------------------------------------------------------------------------------------


async def test_language_change_redraws_every_screen(center: Center) -> None:
    async with at(center, "stats", size=(200, 40)) as person:
        for menu in MINE:
            await go(person, menu)
        for language in ("ja", "ko", "en"):
            await center.set_language(language)
            await person.update()
            t = Words(language)
            assert f"{t('Change log')}" in person.lines[0]
            for menu, words in {
                "audit": ("Action", "Before/after", "Verify", "Search"),
                "cti": ("Services", "Save"),
                "agents": ("Role", "Ready", "Remove"),
                "stats": ("Tickets", "Unassigned", "Coaching", "Day before"),
            }.items():
                person.app.switch_mode(menu)
                await person.update()
                for word in words:
                    assert t(word) in person.text, (language, menu, word)


# --- connection ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Unreachable("timeout", "no"), "The service cannot be reached. It is tried again."),
        (BadAnswer("not_json", "no"), "Something else than octui's service answered."),
    ],
)
async def test_failed_connection_is_reported_and_retried(
    center: Center,
    monkeypatch: pytest.MonkeyPatch,
    error: ClientError,
    sentence: str,
    language: str,
    size: tuple[int, int],
) -> None:
    monkeypatch.setattr(app_module, "full_jitter", lambda attempt, draw: 0.0)
    await center.set_language(language)
    center.faults.failure, center.faults.gate = error, asyncio.Semaphore(0)
    async with at(center, "stats", language=language, is_connected=False, size=size) as person:
        assert Words(language)("starting...") in person.lines[0]
        for attempt in (1, 2, 3):
            center.faults.gate.release()
            await person.until(lambda attempt=attempt: center.operations == ["me"] * (attempt + 1))
            await person.pilot.pause()
            assert Words(language)(sentence) in person.lines[0]
        await person.press("f6")
        assert Words(language)("There is no connection yet.") in person.said
        center.faults.failure = None
        center.faults.gate.release()
        await person.until(lambda: person.app.connection is not None)
        await person.pilot.pause()
        assert Words(language)("live") in person.lines[0]


@pytest.mark.parametrize("menu", MINE)
async def test_age_is_shown_until_the_server_answers_again(center: Center, menu: str) -> None:
    async with at(center, menu) as person:
        body = person.lines[1:-1]
        person.feed.report_failure(3)
        await person.passes(1)
        assert "late 4 s" in person.lines[0]
        await person.passes(5)
        assert "9 s old" in person.lines[0]
        await person.passes(60)
        assert "no connection, 1 min old" in person.lines[0]
        if menu == "audit":
            assert person.lines[1:-1] == body
        assert person.app.return_code is None
        person.feed.report_success()
        await person.passes(1)
        assert "live" in person.lines[0]


async def test_refused_token_is_reported(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "full_jitter", lambda attempt, draw: 0.0)
    center.faults.failure, center.faults.gate = SignInNeeded(), asyncio.Semaphore(0)
    async with at(center, "stats", is_connected=False) as person:
        center.faults.gate.release()
        await person.until(lambda: len(center.operations) == 2)
        await person.pilot.pause()
        assert "Sign in again" in person.lines[0]


async def test_stalled_program_tries_once_before_it_reports_stale_data(center: Center) -> None:
    async with at(center, "stats") as person:
        nudges: list[int] = []
        person.feed.nudge = lambda: nudges.append(1)  # type: ignore[method-assign]
        center.clock.seconds += 600
        person.app._on_second()
        await person.pilot.pause()
        assert nudges
        assert "late 10 min" in person.lines[0]
        await person.passes(6)
        assert "no connection, 10 min old" in person.lines[0]


# --- keys of the app ----------------------------------------------------------------------------------------------


async def test_sentence_stays_until_the_next_key(center: Center) -> None:
    async with at(center, "agents") as person:
        for key in ("down", "up", "x", "f4"):
            person.screen.say("Saved.")
            await person.pilot.pause()
            assert person.lines[-1].startswith(" Saved.")
            await person.press(key)
            assert person.said == "", key
            assert person.lines[-1].startswith(" F1")


async def test_quitting_saves_drafts(center: Center) -> None:
    async with at(center, "agents") as person:
        kept: list[int] = []
        person.app.save_on_exit(lambda: kept.append(1))
        await person.press("ctrl+l")
        assert kept == []
        await person.press("ctrl+q")
        assert kept == [1]
        assert person.app.return_code == 0


# --- what comes from outside ----------------------------------------------------------------------------------------


def require_whole_lines(person: Person) -> None:
    """Check that every line is as wide as the screen, and that nothing in it moves a terminal's cursor."""
    width, height = person.app.size
    strips = person.app.screen._compositor.render_strips()
    assert len(strips) == height
    for strip in strips:
        assert strip.cell_length == width, strip.text
        assert all(character.isprintable() or character == "\u200d" for character in strip.text), repr(strip.text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (30, 8)])
@pytest.mark.parametrize("menu", TABLES)
async def test_hostile_names_stay_in_their_cells(
    make_center: Callable[[Seed], Center], menu: str, size: tuple[int, int]
) -> None:
    center = make_center(seed_nasty)
    for name in NASTY[:3] + NASTY[-7:]:
        for table in (tables.organization, tables.service):
            center.overwrite(update(table).values(name=name))
        center.overwrite(update(tables.member).where(tables.member.c.account == "admin").values(name=name))
        async with at(center, menu, size=size) as person:
            require_whole_lines(person)
            for keys in OPENS[menu]:
                await person.press(*keys)
                await person.pilot.pause()
                require_whole_lines(person)
                await person.press("escape")
                await person.no_dialog()
            await person.press("ctrl+end")
            await person.settled()
            require_whole_lines(person)
            assert person.app.return_code is None


OPENS: dict[str, tuple[tuple[str, ...], ...]] = {
    "stats": (("enter",), ("f6",)),
    "agents": (("enter",), ("delete",), ("insert", "u", "enter")),
    "cti": (("f1",),),
    "audit": (("enter",), ("f1",)),
}
"""The dialogs of each screen."""


@pytest.mark.parametrize("menu", MINE)
async def test_every_size_can_be_drawn(make_center: Callable[[Seed], Center], menu: str) -> None:
    async with at(make_center(seed_hundred), menu, size=(80, 24)) as person:
        small = person.text
        await person.press(*["down"] * 5)
        for size in ((300, 80), (80, 24), (30, 8), (10, 3), (300, 80), (80, 24)):
            await person.pilot.resize_terminal(*size)
            await person.until(lambda size=size: person.app.size == size)
            await person.pilot.pause()
            require_whole_lines(person)
        await person.press(*["up"] * 5)
        assert person.text == small


@pytest.mark.parametrize(("menu", "keys"), [(menu, keys) for menu, many in OPENS.items() for keys in many])
async def test_dialogs_can_be_drawn_in_every_size(center: Center, menu: str, keys: tuple[str, ...]) -> None:
    async with at(center, menu, size=(300, 80)) as person:
        await person.press(*keys)
        await person.pilot.pause()
        assert not isinstance(person.app.screen, MenuScreen)
        for size in ((80, 24), (40, 10), (300, 80)):
            await person.pilot.resize_terminal(*size)
            await person.until(lambda size=size: person.app.size == size)
            await person.pilot.pause()
            require_whole_lines(person)
