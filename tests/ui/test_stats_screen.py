"""My stats, driven by keyboard: figures, the running state, intervals, changing state, other days (rules.md 27–31)."""

from pathlib import Path

import pytest

from octui.client.errors import Unreachable
from octui.schema.agents import Role
from octui.schema.problems import Code
from octui.schema.stats import SELECTABLE_STATES, Channel, Figure, Interval, Open, PhoneState, Stats
from octui.state.stats import LiveStats
from octui.text.durations import clock
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


async def shown(one: Person, now: Stats | None = None) -> None:
    """The feed tells of the figures."""
    one.desk.tell_stats(now or stats())
    await one.pilot.pause()


def figures(one: Person) -> Figures:
    return one.screen.query_one(Figures)


def followed(one: Person) -> set[str]:
    """The topics of figures that are followed."""
    return {topic for topic in one.desk.feed.topics if "/stats/" in topic}


def style_of(one: Person, text: str) -> str:
    """The styles of the run with this text, as the widget paints it."""
    for y in range(figures(one).size.height):
        for segment in figures(one).render_line(y):
            if text in segment.text:
                return str(segment.style)
    raise AssertionError(f"no {text!r}\n{one.text}")


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (300, 80)])
async def test_every_figure_of_the_list_is_shown(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    person = AGENT.model_copy(update={"language": language})
    async with at(FakeApi(person), tmp_path, None, size=size) as one:
        await shown(one)
        t, text, live = Words(language), one.text, LiveStats(stats())
        for name, count in (("Unassigned", 12), ("Open", 3), ("Solved", 14), ("Closed", 9)):
            assert t(name) in text
            unit = t("{count} tickets", count=count)
            assert f"{t(name)} {unit if language != 'en' else count}".replace(" ", "") in text.replace(" ", "")
        phone, chat = live.phone(NOW), live.chat(NOW)
        assert phone is not None
        assert chat is not None
        for state, label in PHONE_LABELS.items():
            assert t(label) in text
            assert clock(phone[state][1]) in text
        for chat_state, chat_label in CHAT_LABELS.items():
            assert t(chat_label) in text
            assert clock(chat[chat_state][1]) in text
        assert t.date("2026-11-23") in text
        assert "Asia/Seoul" in text


async def test_the_running_state_ticks_and_the_sum_stays_the_logged_in_time(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as one:
        await shown(one)
        assert one.lines[2].split()[:2] == ["Ready", "00:02:05"]
        before = LiveStats(stats()).phone(NOW)
        assert before is not None
        ready = before[PhoneState.READY][1]
        for seconds in (1, 59, 3600):
            await one.passes(seconds)
            ready += seconds
            assert f">Ready7{clock(ready)}" in one.text.replace(" ", "")
        assert one.lines[2].split()[:2] == ["Ready", "01:03:05"]
        total = sum(count for _, count in before.values()) + 3660
        assert clock(total) in one.text
        assert clock(before[PhoneState.MEAL][1]) in one.text


async def test_only_lines_that_change_are_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as one:
        await shown(one)
        drawn: list[int] = []
        monkeypatch.setattr(
            figures(one), "refresh", lambda *regions, **more: drawn.extend(region.y for region in regions)
        )
        one.screen.tick()
        assert drawn == []
        one.desk.time += 1
        one.screen.tick()
        # The headline, the login, the running phone figure's row, the bar (or not), the running chat figure's row.
        assert 4 <= len(drawn) <= 5


async def test_unknown_is_a_dash(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as one:
        assert one.text.count("–") >= 20
        await shown(one, stats(**NO_DATA))
        body = "\n".join(one.lines[3:-1])
        assert body.count("–") == 4 + 13 + 3
        assert "00:00:00" not in body


async def test_old_numbers_are_dim_and_say_how_old(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as one:
        await shown(one)
        assert "live" in one.lines[0]
        fresh = style_of(one, "   12")
        one.desk.feed.lose(10)
        await one.passes(3)
        assert "13 s old" in one.lines[0]
        assert style_of(one, "   12") != fresh
        assert "dim" in style_of(one, "   12")
        await one.passes(60)
        assert "no connection, 1 min old" in one.lines[0]
        one.desk.feed.well()
        await one.passes(1)
        assert "live" in one.lines[0]
        assert style_of(one, "   12") == fresh


async def test_enter_shows_intervals_that_add_up_and_the_formula(tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    api.page_size = 2
    async with at(api, tmp_path, None) as one:
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
        await shown(one, now)
        await one.press("right", "right")
        assert figures(one).chosen == FigureId("phone", "ready")
        await one.press("enter")
        await one.dialog(Report)
        text = one.text
        assert "Seconds in this state since midnight" in text
        assert "00:00:00 - 00:00:01" in text
        assert "not counted again" in text
        assert "- now" in text
        live = LiveStats(now).phone(NOW)
        assert live is not None
        count, seconds = live[PhoneState.READY]
        assert f"{count} times, {clock(seconds)} in all" in text
        assert len([call for call in api.calls if call.startswith("intervals")]) == 4
        await one.press("escape")
        await one.no_dialog()


async def test_a_ticket_figure_has_its_formula(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as one:
        await shown(one)
        await one.press("up", "enter")
        await one.dialog(Report)
        assert "Tickets of the service without an owner, now." in one.text
        await one.press("enter")
        await one.no_dialog()


async def test_intervals_that_cannot_be_had_say_why(tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    async with at(api, tmp_path, None) as one:
        await shown(one)
        api.failure = Unreachable("connect", "no")
        await one.press("enter")
        await one.until(lambda: "cannot be reached" in one.said)


CHOICES = [*((sign, state) for sign, state in zip("1234567890ab", SELECTABLE_STATES, strict=True))]
JAMO = {"a": "ㅁ", "b": "ㅠ", "c": "ㅊ", "d": "ㅇ", "3": "３"}


@pytest.mark.parametrize(("sign", "state"), CHOICES)
async def test_f6_takes_each_of_the_twelve_states(tmp_path: Path, sign: str, state: PhoneState) -> None:
    api = FakeApi(AGENT)
    async with at(api, tmp_path, None) as one:
        await shown(one)
        await one.press("f6")
        await one.dialog(Choice)
        assert f"{sign}  {Words('en')(PHONE_LABELS[state])}" in one.text
        await one.press(sign)
        await one.no_dialog()
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
async def test_arrows_and_the_keys_of_an_input_method(
    tmp_path: Path, keys: tuple[str, ...], kind: str, state: PhoneState | None
) -> None:
    api = FakeApi(AGENT)
    async with at(api, tmp_path, None) as one:
        await shown(one)
        await one.press("f6")
        await one.dialog(Choice)
        await one.press(*keys)
        await one.no_dialog()
        assert [(change.kind, change.state) for change in api.changes] == [(kind, state)]


async def test_logged_out_one_can_only_log_in(tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    async with at(api, tmp_path, None) as one:
        await shown(one, stats(phone_open=None, logged_in_since=None))
        assert "Not logged in to CTI  F6 logs in" in one.text
        await one.press("f6")
        await one.dialog(Choice)
        assert one.text.count("(not logged in)") == 13
        await one.press("1", "d", "enter")
        await one.no_dialog()
        assert [change.kind for change in api.changes] == ["login"]


async def test_without_the_phone_permission_no_state_can_be_taken(tmp_path: Path) -> None:
    roles = [AGENT.services[0].model_copy(update={"phone": False})]
    api = FakeApi(AGENT.model_copy(update={"services": roles}))
    async with at(api, tmp_path, None) as one:
        await shown(one, stats(phone_open=None))
        await one.press("f6")
        await one.dialog(Choice)
        assert one.text.count("(no phone permission)") == 13
        await one.press("c", "enter", "escape")
        await one.no_dialog()
        assert api.changes == []


async def test_the_new_state_is_shown_at_once_and_a_failure_is_said(tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    async with at(api, tmp_path, None) as one:
        await shown(one)
        api.days[None] = stats(phone_open=Open(state="meal", since=NOW))
        await one.press("f6", "8")
        await one.no_dialog()
        assert one.lines[2].split()[:2] == ["Meal", "00:00:00"]
        api.failure = Unreachable("timeout", "no", maybe_done=True)
        await one.press("f6", "3")
        await one.no_dialog()
        assert "not certain whether it was done" in one.said
        await one.press("left")
        assert one.said == ""


async def test_other_days_stand_still_and_today_comes_back_alive(tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    yesterday = {"day_start": DAY - DAY_MS, "day_end": DAY, "phone_open": None, "chat_open": None}
    api.days["2026-11-22"] = stats(date="2026-11-22", **yesterday)
    api.days["2026-11-21"] = stats(date="2026-11-21", **{**yesterday, **NO_DATA})
    async with at(api, tmp_path, None) as one:
        await shown(one)
        assert one.keys_off == {"F8"}
        await one.press("f8")
        assert "There is no later day yet." in one.said
        await one.press("f7")
        await one.until(lambda: "2026-11-22" in one.text)
        assert "This day is over" in one.text
        assert one.keys_off == {"F6"}
        before = one.lines[1:-1]
        await one.passes(5)
        assert one.lines[1:-1] == before
        await one.press("f6")
        assert "This day is over" in one.said
        assert not followed(one)
        await one.press("f7")
        await one.until(lambda: "2026-11-21" in one.text)
        assert "–" in one.text
        await one.press("f7")
        await one.until(lambda: "It is not there" in one.said)
        assert "2026-11-21" in one.text
        await one.press("f8")
        await one.until(lambda: "2026-11-22" in one.text)
        await one.press("f8")
        assert len(followed(one)) == 1
        await shown(one)
        assert "2026-11-23" in one.text
        assert "00:02:10" in one.lines[2]


async def test_old_days_are_not_called_old(tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    api.days["2026-11-22"] = stats(date="2026-11-22", day_start=DAY - DAY_MS, day_end=DAY, phone_open=None)
    async with at(api, tmp_path, None) as one:
        await shown(one)
        await one.press("f7")
        await one.until(lambda: "2026-11-22" in one.text)
        one.desk.feed.lose(60)
        await one.pilot.pause()
        assert not figures(one).has_class("-stale")


async def test_at_midnight_the_day_ends_until_the_service_sends_the_next(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as one:
        await shown(one, stats(day_end=NOW + 3_000))
        await one.passes(10)
        assert "This day is over" in one.text
        await shown(
            one, stats(date="2026-11-24", day_start=NOW + 3_000, phone_open=Open(state="rest", since=NOW + 3_000))
        )
        assert one.lines[2].split()[:2] == ["Rest", "00:00:07"]


async def test_arrows_reach_every_figure(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None, size=(80, 24)) as one:
        await shown(one)
        seen = set()
        await one.press(*["up"] * 20, *["left"] * 5)
        for _ in range(12):
            for _ in range(6):
                seen.add(figures(one).chosen)
                await one.pilot.press("right")
            await one.pilot.press(*["left"] * 6, "down")
        assert len(seen) == 20


async def test_figures_that_may_not_be_read_any_more_are_dashes(tmp_path: Path) -> None:
    async with at(FakeApi(AGENT), tmp_path, None) as one:
        await shown(one)
        (topic,) = followed(one)
        one.desk.feed.tell(topic, None)
        await one.pilot.pause()
        assert "No figures yet" in one.text


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (Code.NO_PHONE_CONTRACT, "The contract of this service has no phone (CTI)."),
        (Code.NO_CTI_SETTINGS, "CTI settings are not complete: an organization admin sets version and tenant."),
        (Code.NO_PHONE_PERMISSION, "You have no phone permission in this service."),
        (Code.NO_CTI_NUMBERS, "You have no CTI ID or CTI NO yet: an admin sets them."),
    ],
)
async def test_who_is_not_ready_for_phone_is_told_what_is_missing_first(code: Code, said: str, tmp_path: Path) -> None:
    api = FakeApi(AGENT)
    async with at(api, tmp_path, None, size=(80, 24)) as one:
        await shown(one, stats(phone_open=None))
        await one.press("f6")
        await one.dialog(Choice)
        api.failure = refused(code)
        await one.press("enter")
        await one.no_dialog()
        assert one.said == said
        assert said in one.text
