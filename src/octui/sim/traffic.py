"""What happens in the demo centre: logins, calls, chats, breaks and tickets, as CloudEvents in order of time.

Seeded and free of any clock: `until(ms)` gives everything from where it was up to that instant, the same for the same
seed and start.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from octui.schema.agents import NewAgent
from octui.schema.stats import PhoneState
from octui.sim.centre import Centre

Event = dict[str, Any]
_BREAKS = (
    (PhoneState.REST, 8, 420),
    (PhoneState.TICKET_WORK, 10, 300),
    (PhoneState.CHAT_WORK, 3, 240),
    (PhoneState.MEAL, 2, 2700),
    (PhoneState.EDUCATION, 1, 1500),
    (PhoneState.REPORT, 2, 400),
    (PhoneState.MEETING, 1, 1200),
    (PhoneState.COACHING, 1, 600),
)
"""(state, weight, usual seconds)"""


@dataclass
class _Seat:
    """One agent at work."""

    service: str
    account: str
    phone: bool
    chat: bool
    call: str = ""
    tickets: list[str] = field(default_factory=list)
    chats: list[str] = field(default_factory=list)
    driven: bool = True


class Traffic:
    """Seeded traffic of a centre from `start` (epoch ms) on. `pace` 2.0 lets things happen twice as often."""

    def __init__(self, centre: Centre, start: int, seed: int = 1, pace: float = 1.0) -> None:
        self._dice = random.Random(seed)
        self._source = f"octui:sim/{seed}"
        self._pace = pace
        self._number = 0
        self._queue: list[tuple[int, int, _Seat, Callable[[int, _Seat], None]]] = []
        self._out: list[tuple[str, Event]] = []
        self._seats: dict[str, _Seat] = {}
        for post in centre.posts:
            seat = self._seat(post.service, post.agent)
            self._seats[seat.account] = seat
            if seat.phone:
                self._plan(start, 240, seat, self._log_in)
            if seat.chat:
                self._plan(start, 300, seat, self._sign_on)
            if seat.phone or seat.chat:
                self._plan(start, 600, seat, self._new_ticket)

    @staticmethod
    def _seat(service: str, agent: NewAgent) -> _Seat:
        return _Seat(service, agent.account, agent.phone, agent.chat)

    def release(self, account: str) -> None:
        """From now on this agent's phone state is changed by their own keys, not by the simulation."""
        if account in self._seats:
            self._seats[account].driven = False

    def until(self, at: int) -> Iterator[tuple[str, list[Event]]]:
        """All events up to `at` (epoch ms), as batches of one service in order of time."""
        while self._queue and self._queue[0][0] <= at:
            now, _, seat, step = heapq.heappop(self._queue)
            step(now, seat)
        out, self._out = self._out, []
        batches: dict[str, list[Event]] = {}
        for service, event in out:
            batches.setdefault(service, []).append(event)
        yield from batches.items()

    # --- building blocks ------------------------------------------------------------------------------------

    def _plan(self, now: int, mean: float, seat: _Seat, step: Callable[[int, _Seat], None]) -> None:
        """`step` after about `mean` seconds."""
        self._number += 1
        wait = self._dice.gammavariate(2.0, mean / 2.0) / self._pace
        heapq.heappush(self._queue, (now + max(400, int(wait * 1000)), self._number, seat, step))

    def _send(self, now: int, seat: _Seat, kind: str, **data: Any) -> None:
        self._number += 1
        event: Event = {
            "specversion": "1.0",
            "id": f"{now:013d}-{self._number:08d}",
            "source": self._source,
            "type": f"octui.{kind}",
            "time": datetime.fromtimestamp(now / 1000, UTC).isoformat(timespec="milliseconds"),
            "sequence": self._number,
        }
        if not kind.startswith("ticket."):
            event["subject"] = seat.account
        if data:
            event["data"] = data
        self._out.append((seat.service, event))

    def _state(self, now: int, seat: _Seat, state: str, call: str = "") -> None:
        if seat.driven:
            self._send(now, seat, "phone.state", state=state, **({"call": call} if call else {}))

    # --- phone ----------------------------------------------------------------------------------------------

    def _log_in(self, now: int, seat: _Seat) -> None:
        if seat.driven:
            self._send(now, seat, "phone.login")
        self._plan(now, 25, seat, self._next)

    def _next(self, now: int, seat: _Seat) -> None:
        """Ready: what comes next?"""
        if not seat.driven:
            return
        chance = self._dice.random()
        if chance < 0.78:
            seat.call = f"{now / 1000:.3f}.{self._number}"
            self._state(now, seat, "ringing", seat.call)
            self._plan(now, 5, seat, self._answer)
        elif chance < 0.88:
            seat.call = f"{now / 1000:.3f}.{self._number}"
            self._state(now, seat, "dialling", seat.call)
            self._plan(now, 12, seat, self._reached)
        else:
            state, _, usual = self._dice.choices(_BREAKS, weights=[weight for _, weight, _ in _BREAKS])[0]
            self._state(now, seat, state.value)
            self._plan(now, usual, seat, self._ready)

    def _answer(self, now: int, seat: _Seat) -> None:
        self._state(now, seat, PhoneState.INBOUND_CALLS, seat.call)
        chance = self._dice.random()
        if chance < 0.15:
            self._plan(now, 60, seat, self._hold)
        elif chance < 0.22:
            self._plan(now, 80, seat, self._transfer)
        else:
            self._plan(now, 170, seat, self._wrap_up)

    def _reached(self, now: int, seat: _Seat) -> None:
        self._state(now, seat, PhoneState.OUTBOUND_CALLS, seat.call)
        self._plan(now, 140, seat, self._wrap_up)

    def _hold(self, now: int, seat: _Seat) -> None:
        self._state(now, seat, "hold", seat.call)
        self._plan(now, 30, seat, self._answer)

    def _transfer(self, now: int, seat: _Seat) -> None:
        self._state(now, seat, PhoneState.TRANSFER, seat.call)
        self._plan(now, 40, seat, self._wrap_up)

    def _wrap_up(self, now: int, seat: _Seat) -> None:
        self._state(now, seat, PhoneState.TICKET_WORK)
        self._plan(now, 50, seat, self._ready)

    def _ready(self, now: int, seat: _Seat) -> None:
        self._state(now, seat, PhoneState.READY)
        self._plan(now, 30, seat, self._next)

    # --- chat -----------------------------------------------------------------------------------------------

    def _sign_on(self, now: int, seat: _Seat) -> None:
        self._send(now, seat, "chat.login")
        self._plan(now, 90, seat, self._chat)

    def _chat(self, now: int, seat: _Seat) -> None:
        if not seat.chats and self._dice.random() < 0.12:
            self._send(now, seat, "chat.rest")
            self._plan(now, 500, seat, self._resume)
            return
        chat = f"chat-{self._number}"
        seat.chats.append(chat)
        self._send(now, seat, "chat.opened", chat=chat)
        self._plan(now, 240, seat, self._chat_over)
        if len(seat.chats) < 3 and self._dice.random() < 0.4:
            self._plan(now, 90, seat, self._chat)

    def _chat_over(self, now: int, seat: _Seat) -> None:
        if seat.chats:
            self._send(now, seat, "chat.closed", chat=seat.chats.pop(0))
        if not seat.chats:
            self._plan(now, 120, seat, self._chat)

    def _resume(self, now: int, seat: _Seat) -> None:
        self._send(now, seat, "chat.resume")
        self._plan(now, 90, seat, self._chat)

    # --- tickets --------------------------------------------------------------------------------------------

    def _new_ticket(self, now: int, seat: _Seat) -> None:
        ticket = f"T{self._number}"
        self._send(now, seat, "ticket.created", ticket=ticket, agent=None)
        if self._dice.random() < 0.95:
            seat.tickets.append(ticket)
            self._plan(now, 45, seat, self._take_ticket)
        self._plan(now, 900, seat, self._new_ticket)

    def _take_ticket(self, now: int, seat: _Seat) -> None:
        if seat.tickets:
            self._send(now, seat, "ticket.assigned", ticket=seat.tickets[0], agent=seat.account)
            self._plan(now, 500, seat, self._solve_ticket)

    def _solve_ticket(self, now: int, seat: _Seat) -> None:
        if seat.tickets:
            ticket = seat.tickets.pop(0)
            self._send(now, seat, "ticket.solved", ticket=ticket, agent=seat.account)
            if self._dice.random() < 0.7:
                self._send(now + 1, seat, "ticket.closed", ticket=ticket, agent=seat.account)
