"""My stats, by keyboard: figures, running state, intervals, changing state, other days (rules.md 27–31)."""

from pathlib import Path

import pytest

from octui.client.errors import Unreachable
from octui.schema.agents import Role
from octui.schema.problems import Code
from octui.schema.stats import SELECTABLE_STATES, Channel, Figure, Interval, Open, PhoneState, Stats
from octui.state.stats import LiveStats
from octui.text.durations import format_duration
from octui.ui.dialogs.choice import Choice
from octui.ui.dialogs.report import Report
from octui.ui.figures import CHAT_LABELS, PHONE_LABELS, FigureId
from octui.ui.locale import Words
from octui.ui.widgets.figures import Figures
from ui.fake_floor import DAY, DAY_MS, NO_DATA, NOW, stats
from ui.fake_people import refused
from ui.fakes import FakeApi, me
from ui.person import Person, at

HOUR = 3_600_000
AGENT = me(role=Role.AGENT, admin=False)


async def show_stats(person: Person, now: Stats | None = None) -> None:
    """Let the feed report the figures."""
    person.desk.tell_stats(now or stats())
    await person.pilot.pause()


def figures_widget(person: Person) -> Figures:
    return person.screen.query_one(Figures)


def followed_topics(person: Person) -> set[str]:
    """Return the topics of figures that are leased."""
    return {topic for topic in person.desk.feed.topics if "/stats/" in topic}


def style_of(person: Person, text: str) -> str:
    """Return the style of the segment with this text."""
    for y in range(figures_widget(person).size.height):
        for segment in figures_widget(person).render_line(y):
            if text in segment.text:
                return str(segment.style)
    raise AssertionError(f"no {text!r}\n{person.text}")


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (300, 80)])
async def test_every_figure_is_shown(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    person = AGENT.model_copy(update={"language": language})
    async with at(FakeApi(person), tmp_path, None, size=size) as person:
        await show_stats(person)
        t, text, live = Words(language), person.text, LiveStats(stats())
        for name, count in (("Unassigned", 12), ("Open", 3), ("Solved", 14), ("Closed", 9)):
            assert t(name) in text
            unit = t("{count} tickets", count=count)
            assert f"{t(name)} {unit if language != 'en' else count}".replace(" ", "") in text.replace(" ", "")
        phone, chat = live.phone_figures(NOW), live.chat_figures(NOW)
        assert phone is not None
        assert chat is not None
        for state, label in PHONE_LABELS.items():
            assert t(label) in text
            assert format_duration(phone[state][1]) in text
        for chat_state, chat_label in CHAT_LABELS.items():
            assert t(chat_label) in text
            assert format_duration(chat[chat_state][1]) in text
        assert t.date("2026-11-23") in text
        assert "Asia/Seoul" in text


async def test_running_state_ticks_and_states_add_up_to_logged_in_time(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as person:
        await show_stats(person)
        assert person.lines[2].split()[:2] == ["Ready", "00:02:05"]
        before = LiveStats(stats()).phone_figures(NOW)
        assert before is not None
        ready = before[PhoneState.READY][1]
        for seconds in (1, 59, 3600):
            await person.passes(seconds)
            ready += seconds
            assert f">Ready7{format_duration(ready)}" in person.text.replace(" ", "")
        assert person.lines[2].split()[:2] == ["Ready", "01:03:05"]
        total = sum(count for _, count in before.values()) + 3660
        assert format_duration(total) in person.text
        assert format_duration(before[PhoneState.MEAL][1]) in person.text


async def test_only_changed_lines_are_redrawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as person:
        await show_stats(person)
        drawn: list[int] = []
        monkeypatch.setattr(
            figures_widget(person), "refresh", lambda *regions, **more: drawn.extend(region.y for region in regions)
        )
        person.screen.tick()
        assert drawn == []
        person.desk.time += 1
        person.screen.tick()
        # The headline, the login, the running phone figure's row, the bar (or not), the running chat figure's row.
        assert 4 <= len(drawn) <= 5


async def test_unknown_figure_is_a_dash(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as person:
        assert person.text.count("–") >= 20
        await show_stats(person, stats(**NO_DATA))
        body = "\n".join(person.lines[3:-1])
        assert body.count("–") == 4 + 13 + 3
        assert "00:00:00" not in body


async def test_stale_figures_are_dimmed_with_their_age(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as person:
        await show_stats(person)
        assert "live" in person.lines[0]
        fresh = style_of(person, "   12")
        person.desk.feed.lose(10)
        await person.passes(3)
        assert "13 s old" in person.lines[0]
        assert style_of(person, "   12") != fresh
        assert "dim" in style_of(person, "   12")
        await person.passes(60)
        assert "no connection, 1 min old" in person.lines[0]
        person.desk.feed.well()
        await person.passes(1)
        assert "live" in person.lines[0]
        assert style_of(person, "   12") == fresh


async def test_enter_shows_intervals_and_formula(tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    api.page_size = 2
    async with at(api, tmp_path, None) as person:
        hours = [
            Interval(start=DAY + i * 3_600_000, end=DAY + i * 3_600_000 + 600_500, state="ready", counted=True)
            for i in range(5)
        ]
        open_since = NOW - 125_000
        api.intervals_known[Channel.PHONE, "ready"] = [
            Interval(start=DAY, end=DAY + 1_000, state="ready", counted=False),
            *hours,
            Interval(start=open_since, end=None, state="ready", counted=True),
        ]
        closed = 5 * 600_500 + 1_000
        now = stats(phone={s: Figure() for s in PhoneState} | {PhoneState.READY: Figure(count=6, ms=closed)})
        await show_stats(person, now)
        await person.press("right", "right")
        assert figures_widget(person).chosen == FigureId("phone", "ready")
        await person.press("enter")
        await person.dialog(Report)
        text = person.text
        assert "Seconds in this state since midnight" in text
        assert "00:00:00 - 00:00:01" in text
        assert "not counted again" in text
        assert "- now" in text
        live = LiveStats(now).phone_figures(NOW)
        assert live is not None
        count, seconds = live[PhoneState.READY]
        assert f"{count} times, {format_duration(seconds)} in all" in text
        assert len([call for call in api.calls if call.startswith("intervals")]) == 4
        await person.press("escape")
        await person.no_dialog()


async def test_ticket_figure_shows_its_formula(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as person:
        await show_stats(person)
        await person.press("up", "enter")
        await person.dialog(Report)
        assert "Tickets of the service without an owner, now." in person.text
        await person.press("enter")
        await person.no_dialog()


async def test_failed_load_of_intervals_is_reported(tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    async with at(api, tmp_path, None) as person:
        await show_stats(person)
        api.failure = Unreachable("connect", "no")
        await person.press("enter")
        await person.until(lambda: "cannot be reached" in person.said)


CHOICES = [*((sign, state) for sign, state in zip("1234567890ab", SELECTABLE_STATES, strict=True))]
JAMO = {"a": "ㅁ", "b": "ㅠ", "c": "ㅊ", "d": "ㅇ", "3": "３"}


@pytest.mark.parametrize(("sign", "state"), CHOICES)
async def test_f6_changes_to_each_of_the_twelve_states(tmp_path: Path, sign: str, state: PhoneState) -> None:
    api = FakeApi(AGENT)
    async with at(api, tmp_path, None) as person:
        await show_stats(person)
        await person.press("f6")
        await person.dialog(Choice)
        assert f"{sign}  {Words('en')(PHONE_LABELS[state])}" in person.text
        await person.press(sign)
        await person.no_dialog()
        (change,) = api.changes
        assert (change.kind, change.state) == ("state", state)


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
    tmp_path: Path, keys: tuple[str, ...], kind: str, state: PhoneState | None
) -> None:
    api = FakeApi(AGENT)
    async with at(api, tmp_path, None) as person:
        await show_stats(person)
        await person.press("f6")
        await person.dialog(Choice)
        await person.press(*keys)
        await person.no_dialog()
        assert [(change.kind, change.state) for change in api.changes] == [(kind, state)]


async def test_only_log_in_is_offered_while_logged_out(tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    async with at(api, tmp_path, None) as person:
        await show_stats(person, stats(phone_open=None, logged_in_since=None))
        assert "Not logged in to CTI  F6 logs in" in person.text
        await person.press("f6")
        await person.dialog(Choice)
        assert person.text.count("(not logged in)") == 13
        await person.press("1", "d", "enter")
        await person.no_dialog()
        assert [change.kind for change in api.changes] == ["login"]


async def test_states_are_off_without_phone_permission(tmp_path: Path) -> None:
    roles = [AGENT.services[0].model_copy(update={"phone": False})]
    api = FakeApi(AGENT.model_copy(update={"services": roles}))
    async with at(api, tmp_path, None) as person:
        await show_stats(person, stats(phone_open=None))
        await person.press("f6")
        await person.dialog(Choice)
        assert person.text.count("(no phone permission)") == 13
        await person.press("c", "enter", "escape")
        await person.no_dialog()
        assert api.changes == []


async def test_new_state_is_shown_at_once_and_failure_reported(tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    async with at(api, tmp_path, None) as person:
        await show_stats(person)
        api.days[None] = stats(phone_open=Open(state="meal", since=NOW))
        await person.press("f6", "8")
        await person.no_dialog()
        assert person.lines[2].split()[:2] == ["Meal", "00:00:00"]
        api.failure = Unreachable("timeout", "no", maybe_done=True)
        await person.press("f6", "3")
        await person.no_dialog()
        assert "not certain whether it was done" in person.said
        await person.press("left")
        assert person.said == ""


async def test_earlier_days_do_not_tick_and_today_ticks_again(tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    yesterday = {"day_start": DAY - DAY_MS, "day_end": DAY, "phone_open": None, "chat_open": None}
    api.days["2026-11-22"] = stats(date="2026-11-22", **yesterday)
    api.days["2026-11-21"] = stats(date="2026-11-21", **{**yesterday, **NO_DATA})
    async with at(api, tmp_path, None) as person:
        await show_stats(person)
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
        await person.press("f7")
        await person.until(lambda: "It is not there" in person.said)
        assert "2026-11-21" in person.text
        await person.press("f8")
        await person.until(lambda: "2026-11-22" in person.text)
        await person.press("f8")
        assert len(followed_topics(person)) == 1
        await show_stats(person)
        assert "2026-11-23" in person.text
        assert "00:02:10" in person.lines[2]


async def test_earlier_days_are_not_dimmed_as_stale(tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    api.days["2026-11-22"] = stats(date="2026-11-22", day_start=DAY - DAY_MS, day_end=DAY, phone_open=None)
    async with at(api, tmp_path, None) as person:
        await show_stats(person)
        await person.press("f7")
        await person.until(lambda: "2026-11-22" in person.text)
        person.desk.feed.lose(60)
        await person.pilot.pause()
        assert not figures_widget(person).has_class("-stale")


async def test_figures_stop_at_midnight_until_the_next_day_arrives(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as person:
        await show_stats(person, stats(day_end=NOW + 3_000))
        await person.passes(10)
        assert "This day is over" in person.text
        await show_stats(
            person, stats(date="2026-11-24", day_start=NOW + 3_000, phone_open=Open(state="rest", since=NOW + 3_000))
        )
        assert person.lines[2].split()[:2] == ["Rest", "00:00:07"]


async def test_arrows_reach_every_figure(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None, size=(80, 24)) as person:
        await show_stats(person)
        seen = set()
        await person.press(*["up"] * 20, *["left"] * 5)
        for _ in range(12):
            for _ in range(6):
                seen.add(figures_widget(person).chosen)
                await person.pilot.press("right")
            await person.pilot.press(*["left"] * 6, "down")
        assert len(seen) == 20


async def test_figures_are_dashes_after_the_right_is_lost(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as person:
        await show_stats(person)
        (topic,) = followed_topics(person)
        person.desk.feed.tell(topic, None)
        await person.pilot.pause()
        assert "No figures yet" in person.text


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (Code.NO_PHONE_CONTRACT, "The contract of this service has no phone (CTI)."),
        (Code.NO_CTI_SETTINGS, "CTI settings are not complete: an organization admin sets version and tenant."),
        (Code.NO_PHONE_PERMISSION, "You have no phone permission in this service."),
        (Code.NO_CTI_NUMBERS, "You have no CTI ID or CTI NO yet: an admin sets them."),
    ],
)
async def test_refused_log_in_names_the_first_missing_condition(code: Code, said: str, tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    async with at(api, tmp_path, None, size=(80, 24)) as person:
        await show_stats(person, stats(phone_open=None))
        await person.press("f6")
        await person.dialog(Choice)
        api.failure = refused(code)
        await person.press("enter")
        await person.no_dialog()
        assert person.said == said
        assert said in person.text
