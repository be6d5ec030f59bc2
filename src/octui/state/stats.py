"""An agent's statistics as shown: closed time plus the time of the open state (rules.md 27–31)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from octui.schema.stats import Channel, ChatState, Figure, Interval, Open, PhoneState, Stats

Shown = tuple[int, int]
"""Number of times a state was entered, and its whole seconds."""

_NONE = Figure()


def add_up(parts: dict[PhoneState, int]) -> dict[PhoneState, int]:
    """Round parts (ms) to whole seconds that add up to the whole seconds of their sum (rules.md 30).

    Each is rounded down; the seconds still missing go to the largest remainders. No part is off by a second or more.
    """
    return dict(zip(parts, split_seconds(list(parts.values()), sum(parts.values()) // 1000), strict=True))


def split_seconds(parts: Sequence[int], total: int) -> list[int]:
    """Round parts (ms) to whole seconds that add up to `total`, the seconds shown for their sum.

    `total` is the sum rounded down or up.
    """
    seconds = [ms // 1000 for ms in parts]
    missing = total - sum(seconds)
    for place in sorted(range(len(parts)), key=lambda place: -(parts[place] % 1000))[:missing]:
        seconds[place] += 1
    return seconds


@dataclass(frozen=True)
class LiveStats:
    """An agent's statistics of a day, calculated for any moment `now_ms` (server's epoch ms).

    Unknown is None, never 0 (rules.md 31).
    """

    stats: Stats

    def figure(self, channel: Channel, state: str, now_ms: int) -> Shown | None:
        """Return a state's count and seconds; None if unknown. Raises ValueError for a state of another channel."""
        if channel is Channel.CHAT:
            chat_state = ChatState(state)
            chat = self.chat_figures(now_ms)
            return None if chat is None else chat[chat_state]
        phone = self.phone_figures(now_ms)
        phone_state = PhoneState(state)
        return None if phone is None else phone[phone_state]

    def interval_seconds(self, channel: Channel, state: str, intervals: Sequence[Interval], now_ms: int) -> list[int]:
        """Return the seconds of each interval of a state or `logged_in`; they add up to its total shown.

        A figure's seconds may be one more than its own ms, because all figures add up to the logged-in time. If the
        figure has moved since, the seconds add up to the whole seconds of the intervals.
        """
        ends = [min(now_ms, self.stats.day_end) if interval.end is None else interval.end for interval in intervals]
        parts = [max(0, end - interval.start) for interval, end in zip(intervals, ends, strict=True)]
        figure = None if state == "logged_in" else self.figure(channel, state, now_ms)
        total = sum(parts) // 1000
        rounded_up = total + bool(sum(parts) % 1000)
        return split_seconds(parts, rounded_up if figure is not None and figure[1] == rounded_up else total)

    def phone_figures(self, now_ms: int) -> dict[PhoneState, Shown] | None:
        """Return every phone state's count and seconds; the seconds add up to `logged_in` (rules.md 30).

        Closed figures stand still while the open state ticks: only that absorbs the fractions of a second.
        """
        if self.stats.phone is None:
            return None
        shown = {state: (self.stats.phone.get(state, _NONE).count, self._closed_seconds[state]) for state in PhoneState}
        running = self.stats.phone_open
        if running is not None:
            state = _phone_state(running)
            closed_ms = sum(self._closed_ms.values())
            more = (closed_ms + self._phone_ms(running.since, now_ms)) // 1000 - closed_ms // 1000
            count, seconds = shown[state]
            shown[state] = count, seconds + more
        return shown

    def logged_in(self, now_ms: int) -> Shown | None:
        """Return the number of CTI logins and the seconds logged in."""
        if self.stats.logged_in is None:
            return None
        return self.stats.logged_in.count, self.logged_in_ms(now_ms) // 1000

    def assumed(self, now_ms: int) -> Shown | None:
        """Return number and seconds of the logins without a login event in the PBX log (rules.md 39)."""
        if self.stats.logged_in is None:
            return None
        assumed = self.stats.assumed
        return (0 if assumed is None else assumed.count), self.assumed_ms(now_ms) // 1000

    def chat_figures(self, now_ms: int) -> dict[ChatState, Shown] | None:
        """Return every chat state's count and seconds, each rounded down by itself."""
        if self.stats.chat is None:
            return None
        times = {state: self.stats.chat.get(state, _NONE).ms for state in ChatState}
        running = self.stats.chat_open
        if running is not None:
            times[ChatState(running.state)] += self._running_ms(running.since, now_ms)
        return {state: (self.stats.chat.get(state, _NONE).count, ms // 1000) for state, ms in times.items()}

    def logged_in_ms(self, now_ms: int) -> int:
        """Return the time logged in to CTI in ms (0 when unknown)."""
        closed = 0 if self.stats.logged_in is None else self.stats.logged_in.ms
        since = self.stats.logged_in_since
        return closed + (0 if since is None else self._phone_ms(since, now_ms))

    def assumed_ms(self, now_ms: int) -> int:
        """Return the part of the logged-in time without a login event in the log, in ms (rules.md 39)."""
        closed = 0 if self.stats.assumed is None else self.stats.assumed.ms
        since = self.stats.logged_in_since if self.stats.is_login_assumed else None
        return closed + (0 if since is None else self._phone_ms(since, now_ms))

    @property
    def running_phone(self) -> PhoneState | None:
        """The running phone state, None when logged out."""
        return None if self.stats.phone_open is None else _phone_state(self.stats.phone_open)

    @property
    def running_chat(self) -> ChatState | None:
        """The running chat state, None when logged out of chat."""
        return None if self.stats.chat_open is None else ChatState(self.stats.chat_open.state)

    def is_over(self, now_ms: int) -> bool:
        """Return whether the day has ended, so that no number grows any more."""
        return now_ms >= self.stats.day_end

    def as_dict(self, now_ms: int) -> dict[str, Any]:
        """Return the JSON data that `octui stats --json` prints (architecture.md 5); unknown numbers are None."""
        stats = self.stats
        phone, chat, logged_in = self.phone_figures(now_ms), self.chat_figures(now_ms), self.logged_in(now_ms)
        tickets = ("unassigned", "open", "solved", "closed")
        return {
            "date": stats.date,
            "time_zone": stats.time_zone,
            "service": stats.service,
            "agent": stats.account,
            "tickets": {name: None if stats.tickets is None else getattr(stats.tickets, name) for name in tickets},
            "phone": {
                **{state.value: _figure_json(None if phone is None else phone[state]) for state in PhoneState},
                "logged_in": _figure_json(logged_in),
                "assumed": _figure_json(self.assumed(now_ms)),
            },
            "chat": {state.value: _figure_json(None if chat is None else chat[state]) for state in ChatState},
        }

    @cached_property
    def _closed_ms(self) -> dict[PhoneState, int]:
        phone = self.stats.phone or {}
        return {state: phone.get(state, _NONE).ms for state in PhoneState}

    @cached_property
    def _closed_seconds(self) -> dict[PhoneState, int]:
        return add_up(self._closed_ms)

    def _phone_ms(self, since: int, now_ms: int) -> int:
        proved_until = self.stats.proved_until
        return self._running_ms(since, now_ms if proved_until is None else min(now_ms, proved_until))

    def _running_ms(self, since: int, now_ms: int) -> int:
        return max(0, min(now_ms, self.stats.day_end) - max(since, self.stats.day_start))


def _phone_state(running: Open) -> PhoneState:
    """Return a phone state's name as `PhoneState`; states without statistics of their own count as other."""
    try:
        return PhoneState(running.state)
    except ValueError:
        return PhoneState.OTHER


def _figure_json(shown: Shown | None) -> dict[str, int | None]:
    count, seconds = (None, None) if shown is None else shown
    return {"count": count, "seconds": seconds}
