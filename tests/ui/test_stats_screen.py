"""My stats, by keyboard: figures, running state, intervals, changing state, other days (rules.md 27–31)."""

from collections.abc import Awaitable, Callable

import pytest

from octui.client.errors import Unreachable
from octui.schema.contracts import ItemTerms
from octui.schema.items import Item
from octui.schema.problems import Code
from octui.schema.stats import SELECTABLE_STATES, PhoneState
from octui.state.stats import LiveStats
from octui.text.durations import format_duration
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.intervals import IntervalsDialog
from octui.ui.dialogs.report import Report
from octui.ui.locale import Words
from octui.ui.roles import ColorSet
from octui.ui.themes import css_color
from octui.ui.widgets.figures import Figures
from octui.ui.widgets.figures_layout import FigureId
from octui.ui.words.stats import CHAT_LABELS, PHONE_LABELS, SHORT_LABELS
from ui.person import Person, at
from ui.server import MIDNIGHT, NOW, SERVICE, Center, Seed, add_shift, make_ready, refused, seed_service


async def seed(center: Center) -> None:
    """Make an agent who has all that phone needs."""
    await seed_service(center)
    await center.add_agent("kim", "김민수")
    await center.set_language("en", "kim")
    await make_ready(center, "kim")


async def seed_shift(center: Center) -> None:
    """Make the agent with figures of today."""
    await seed(center)
    await add_shift(center, "kim")


@pytest.fixture
def idle_center(make_center: Callable[[Seed], Center]) -> Center:
    """A center with the agent, who has not logged in yet."""
    return make_center(seed)


@pytest.fixture
def center(make_center: Callable[[Seed], Center]) -> Center:
    """A center with the agent at work."""
    return make_center(seed_shift)


async def live_stats(center: Center) -> LiveStats:
    return LiveStats(await center.operator.stats(SERVICE, "kim"))


def figures_widget(person: Person) -> Figures:
    return person.screen.query_one(Figures)


def followed_topics(person: Person) -> set[str]:
    """Return the topics of figures that are leased."""
    return {topic for topic in person.feed.topics if "/stats/" in topic}


def style_of(person: Person, text: str) -> str:
    """Return the style of the segment with this text."""
    for y in range(figures_widget(person).size.height):
        for segment in figures_widget(person).render_line(y):
            if text in segment.text:
                return str(segment.style)
    raise AssertionError(f"no {text!r}\n{person.text}")


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (300, 80)])
async def test_every_figure_is_shown(center: Center, language: str, size: tuple[int, int]) -> None:
    await center.set_language(language, "kim")
    async with at(center, None, account="kim", size=size) as person:
        t, text, live = Words(language), person.text, await live_stats(center)
        for name, count in (("Unassigned", 12), ("Open", 3), ("Solved", 14), ("Closed", 9)):
            assert t(name) in text
            unit = t("{count} tickets", count=count)
            assert f"{t(name)} {unit if language != 'en' else count}".replace(" ", "") in text.replace(" ", "")
        phone, chat = live.phone_figures(NOW), live.chat_figures(NOW)
        assert phone is not None
        assert chat is not None
        for state, label in PHONE_LABELS.items():
            assert t(label) in text or t(SHORT_LABELS.get(state, label)) in text
            assert format_duration(phone[state][1]) in text
        for chat_state, chat_label in CHAT_LABELS.items():
            assert t(chat_label) in text
            assert format_duration(chat[chat_state][1]) in text
        assert t.date("2026-11-23") in text
        assert "Asia/Seoul" in text


async def test_running_state_ticks_and_states_add_up_to_logged_in_time(center: Center) -> None:
    async with at(center, None, account="kim", size=(80, 24)) as person:
        assert person.lines[2].split()[:2] == ["Ready", "00:02:05"]
        before = (await live_stats(center)).phone_figures(NOW)
        assert before is not None
        count, ready = before[PhoneState.READY]
        for seconds in (1, 59, 3600):
            await person.passes(seconds)
            ready += seconds
            assert f"▸3Ready{count}{format_duration(ready)}" in person.text.replace(" ", "")
        assert person.lines[2].split()[:2] == ["Ready", "01:03:05"]
        total = sum(count for _, count in before.values()) + 3660
        assert format_duration(total) in person.text
        assert format_duration(before[PhoneState.MEAL][1]) in person.text


async def test_only_changed_lines_are_redrawn(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at(center, None, account="kim") as person:
        drawn: list[int] = []
        monkeypatch.setattr(
            figures_widget(person), "refresh", lambda *regions, **more: drawn.extend(region.y for region in regions)
        )
        person.screen.on_tick()
        assert drawn == []
        center.clock.seconds += 1
        person.screen.on_tick()
        # The login, the running phone figure's row, the running chat figure's row.
        assert len(drawn) == 3


@pytest.mark.parametrize(
    ("size", "is_large"), [((80, 24), False), ((120, 40), True), ((120, 24), False), ((300, 80), True)]
)
async def test_running_state_is_large_where_there_is_room(
    center: Center, size: tuple[int, int], is_large: bool
) -> None:
    async with at(center, None, account="kim", size=size) as person:
        await person.until(lambda: "The day" in person.text)
        assert ("Next state" in person.text) is is_large
        assert ("Ready  00:02:05" in person.text) is not is_large
        assert ("min 05 s" in person.text) is is_large


async def test_second_that_passes_while_the_screen_is_removed_is_harmless(center: Center) -> None:
    async with at(center, None, account="kim") as person:
        await figures_widget(person).remove()
        await person.passes(1)


async def test_unknown_figure_is_a_dash(idle_center: Center) -> None:
    async with at(idle_center, None, account="kim", is_updated=False) as person:
        assert person.text.count("–") >= 20
        await person.update()
        body = "\n".join(person.lines[3 : 1 + figures_widget(person).size.height])
        assert body.count("–") == 4 + 13 + 3
        assert "00:00:00" not in body


async def test_stale_figures_are_dimmed_with_their_age(center: Center) -> None:
    async with at(center, None, account="kim") as person:
        assert "live" in person.lines[0]
        fresh = style_of(person, "   12")
        person.feed.report_failure(10)
        await person.passes(3)
        assert "13 s old" in person.lines[0]
        assert style_of(person, "   12") != fresh
        assert css_color("old", ColorSet.DARK) in style_of(person, "   12")
        await person.passes(60)
        assert "no connection, 1 min old" in person.lines[0]
        person.feed.report_success()
        await person.passes(1)
        assert "live" in person.lines[0]
        assert style_of(person, "   12") == fresh


async def test_enter_shows_intervals_and_formula(idle_center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("octui.server.stats.store.PAGE", 2)
    center, midnight = idle_center, MIDNIGHT - 86_400_000
    await center.set_state("kim", "ready", midnight - 600_000)
    await center.set_state("kim", "rest", midnight + 1_000)
    for start in range(midnight + 3_600_000, midnight + 6 * 3_600_000, 3_600_000):
        await center.set_state("kim", "ready", start)
        await center.set_state("kim", "rest", start + 600_250)
    await center.set_state("kim", "ready", NOW - 125_000)
    async with at(center, None, account="kim") as person:
        await person.press("right", "right")
        assert figures_widget(person).chosen == FigureId("phone", "ready")
        await person.press("enter")
        await person.dialog(IntervalsDialog)
        text = person.text
        assert "Seconds in this state since midnight" in text
        assert "00:00:00 00:00:01 00:00:01" in text
        assert "not counted again" in text
        assert " now " in text
        live = (await live_stats(center)).phone_figures(NOW)
        assert live is not None
        count, seconds = live[PhoneState.READY]
        assert f"{count} times, {format_duration(seconds)} in all" in text
        assert center.operations.count("intervals") == 3
        await person.press("escape")
        await person.no_dialog()


async def test_ticket_figure_shows_its_formula(center: Center) -> None:
    async with at(center, None, account="kim") as person:
        await person.press("up", "enter")
        await person.dialog(Report)
        assert "Tickets of the service without an owner, now." in person.text
        await person.press("enter")
        await person.no_dialog()


async def test_failed_load_of_intervals_is_reported(center: Center) -> None:
    async with at(center, None, account="kim") as person:
        center.faults.failure = Unreachable("connect", "no")
        await person.press("enter")
        await person.until(lambda: "cannot be reached" in person.said)


CHOICES = [*((sign, state) for sign, state in zip("1234567890ab", SELECTABLE_STATES, strict=True))]
JAMO = {"a": "ㅁ", "b": "ㅠ", "c": "ㅊ", "d": "ㅇ", "3": "３"}


def sent_changes(center: Center) -> list[tuple[str, str | None]]:
    return [(request.body["kind"], request.body.get("state")) for request in center.sent("change_state")]


@pytest.mark.parametrize(("sign", "state"), CHOICES)
async def test_f6_changes_to_each_of_the_twelve_states(center: Center, sign: str, state: PhoneState) -> None:
    async with at(center, None, account="kim") as person:
        await person.press("f6")
        await person.dialog(Choice)
        assert f"{sign}  {Words('en')(PHONE_LABELS[state])}" in person.text
        await person.press(sign)
        await person.no_dialog()
        assert sent_changes(center) == [("state", state)]


@pytest.mark.parametrize(
    ("keys", "kind", "state"),
    [
        (("ㅁ",), "state", PhoneState.MEETING),
        (("ㅠ",), "state", PhoneState.COACHING),
        (("ㅇ",), "logout", None),
        (("３",), "state", PhoneState.READY),
        (("down", "enter"), "state", PhoneState.TRANSFER),
        (("end", "enter"), "logout", None),
        (("home", "enter"), "state", PhoneState.INBOUND_CALLS),
    ],
)
async def test_state_is_chosen_by_arrows_and_input_method_keys(
    center: Center, keys: tuple[str, ...], kind: str, state: PhoneState | None
) -> None:
    async with at(center, None, account="kim") as person:
        await person.press("f6")
        await person.dialog(Choice)
        await person.press(*keys)
        await person.no_dialog()
        assert sent_changes(center) == [(kind, state)]


async def test_only_log_in_is_offered_while_logged_out(idle_center: Center) -> None:
    async with at(idle_center, None, account="kim") as person:
        assert "Not logged in to CTI  F6 logs in" in person.text
        await person.press("f6")
        await person.dialog(Choice)
        assert person.text.count("(not logged in)") == 13
        await person.press("1", "d", "enter")
        await person.no_dialog()
        assert sent_changes(idle_center) == [("login", None)]


async def test_states_are_off_without_phone_permission(idle_center: Center) -> None:
    await idle_center.change_agent("kim", phone=False)
    async with at(idle_center, None, account="kim") as person:
        await person.press("f6")
        await person.dialog(Choice)
        assert person.text.count("(no phone permission)") == 13
        await person.press("c", "enter", "escape")
        await person.no_dialog()
        assert sent_changes(idle_center) == []


async def test_new_state_is_shown_at_once_and_failure_reported(center: Center) -> None:
    async with at(center, None, account="kim", size=(80, 24)) as person:
        await person.press("f6", "8")
        await person.no_dialog()
        assert person.lines[2].split()[:2] == ["Meal", "00:00:00"]
        center.faults.failure = Unreachable("timeout", "no", maybe_done=True)
        await person.press("f6", "3")
        await person.no_dialog()
        assert "not certain whether it was done" in person.said
        await person.press("left")
        assert person.said == ""


async def test_earlier_days_do_not_tick_and_today_ticks_again(center: Center) -> None:
    async with at(center, None, account="kim", size=(80, 24)) as person:
        assert person.keys_off == {"F8"}
        await person.press("f8")
        assert "There is no later day yet." in person.said
        await person.press("f7")
        await person.until(lambda: "2026-11-22" in person.text)
        assert "This day is over" in person.text
        assert person.keys_off == {"F6"}
        before = person.lines[1:-1]
        await person.passes(5)
        assert person.lines[1:-1] == before
        await person.press("f6")
        assert "This day is over" in person.said
        assert not followed_topics(person)
        await person.press("f7")
        await person.until(lambda: "2026-11-21" in person.text)
        assert "–" in person.text
        center.faults.failure = refused(Code.NOT_FOUND)
        await person.press("f7")
        await person.until(lambda: "It is not there" in person.said)
        center.faults.failure = None
        assert "2026-11-21" in person.text
        await person.press("f8")
        await person.until(lambda: "2026-11-22" in person.text)
        await person.press("f8")
        assert len(followed_topics(person)) == 1
        await person.update()
        assert "2026-11-23" in person.text
        assert "00:02:10" in person.lines[2]


async def test_earlier_days_are_not_dimmed_as_stale(center: Center) -> None:
    async with at(center, None, account="kim") as person:
        await person.press("f7")
        await person.until(lambda: "2026-11-22" in person.text)
        person.feed.report_failure(60)
        await person.pilot.pause()
        assert not figures_widget(person).has_class("-stale")


async def test_figures_stop_at_midnight_until_the_next_day_arrives(center: Center) -> None:
    center.clock.set_time("2026-11-23 23:59:57")
    async with at(center, None, account="kim", size=(80, 24)) as person:
        await person.passes(10)
        assert "This day is over" in person.text
        await center.set_state("kim", "rest", MIDNIGHT)
        await person.update()
        assert person.lines[2].split()[:2] == ["Rest", "00:00:07"]


async def test_arrows_reach_every_figure(center: Center) -> None:
    async with at(center, None, account="kim", size=(80, 24)) as person:
        seen = set()
        await person.press(*["up"] * 20, *["left"] * 5)
        for _ in range(12):
            for _ in range(6):
                seen.add(figures_widget(person).chosen)
                await person.pilot.press("right")
            await person.pilot.press(*["left"] * 6, "down")
        assert len(seen) == 20


async def test_figures_are_dashes_after_the_right_is_lost(center: Center) -> None:
    async with at(center, None, account="kim") as person:
        (topic,) = followed_topics(person)
        person.feed.tell(topic, None)
        await person.pilot.pause()
        assert "No figures yet" in person.text


@pytest.mark.parametrize(
    ("break_condition", "said"),
    [
        (
            lambda center: center.edit_contract(SERVICE, ItemTerms(item=Item.TICKET)),
            "The contract of this service has no phone (CTI).",
        ),
        (
            lambda center: center.set_cti_settings(tenant_name=""),
            "CTI settings are not complete: an organization admin sets version and tenant.",
        ),
        (lambda center: center.change_agent("kim", phone=False), "You have no phone permission in this service."),
        (lambda center: center.set_cti("kim", cti_no=None), "You have no CTI ID or CTI NO yet: an admin sets them."),
    ],
    ids=["contract", "settings", "permission", "numbers"],
)
async def test_refused_log_in_names_the_first_missing_condition(
    break_condition: Callable[[Center], Awaitable[None]], said: str, idle_center: Center
) -> None:
    async with at(idle_center, None, account="kim", size=(80, 24)) as person:
        await person.press("f6")
        await person.dialog(Choice)
        await break_condition(idle_center)
        await person.press("enter")
        await person.no_dialog()
        assert person.said == said
        assert said in person.text
