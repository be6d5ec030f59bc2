"""Traffic of the demo center: logins, queues, calls, chats, breaks and tickets, as CloudEvents in order of time.

It reads no clock: `events_until(ms)` yields what happens up to that moment, the same for the same seed and start.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from octui.schema.agents import NewAgent
from octui.schema.stats import PhoneState
from octui.sim.center import Center

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
_SEOUL_S = 9 * 3600
_BUSY_HOURS = ((10.0, 11.5), (13.0, 15.0))
_SECONDS_A_CALL = 420.0
"""Seconds in which an agent can take one call, with what they do between two."""
_MOST_LOAD, _SPARE_LOAD, _CALM = 1.14, 0.75, 0.92
"""Share of that which the calls of busy hours need: of many agents, less for few, and less in calm hours."""


@dataclass
class _Seat:
    """An agent at work. `driven`: the simulation changes their phone state."""

    service: str
    account: str
    phone: bool
    chat: bool
    call: str = ""
    entered: int = 0  # when the call entered the queue
    tickets: list[str] = field(default_factory=list)
    chats: list[str] = field(default_factory=list)
    driven: bool = True


@dataclass
class _Line:
    """A queue of a service: the calls that wait with the time of each's entry, and the agents who wait for a call.

    `desk`: stands for the queue where events need a seat. `seats`: agents who take its calls.
    """

    desk: _Seat
    seats: int = 0
    waiting: dict[str, int] = field(default_factory=dict)
    idle: list[_Seat] = field(default_factory=list)


class Traffic:
    """Seeded traffic of a center from `start` (epoch ms) on. `pace` 2.0 makes events twice as frequent."""

    def __init__(self, center: Center, start: int, seed: int = 1, pace: float = 1.0) -> None:
        self._dice = random.Random(seed)
        self._source = f"octui:sim/{seed}"
        self._pace = pace
        self._number = 0
        self._queue: list[tuple[int, int, _Seat, Callable[[int, _Seat], None]]] = []
        self._out: list[tuple[str, Event]] = []
        self._seats: dict[str, _Seat] = {}
        self._lines: dict[str, _Line] = {}
        for post in center.posts:
            seat = self._make_seat(post.service, post.agent)
            self._seats[seat.account] = seat
            if seat.phone:
                self._lines.setdefault(seat.service, _Line(_Seat(seat.service, "", True, False))).seats += 1
                self._schedule_step(start, 240, seat, self._log_in)
            if seat.chat:
                self._schedule_step(start, 300, seat, self._sign_on)
            if seat.phone or seat.chat:
                self._schedule_step(start, 600, seat, self._new_ticket)
        for line in self._lines.values():
            self._schedule_step(start, 240, line.desk, self._receive_call)

    @staticmethod
    def _make_seat(service: str, agent: NewAgent) -> _Seat:
        return _Seat(service, agent.account, agent.phone, agent.chat)

    @property
    def phone_services(self) -> list[str]:
        """The services with a queue of calls."""
        return sorted(self._lines)

    def release_agent(self, account: str) -> None:
        """Stop simulating an agent's phone state, which their own keys change from now on."""
        if account in self._seats:
            seat = self._seats[account]
            seat.driven = False
            line = self._lines.get(seat.service)
            if line is not None and seat in line.idle:
                line.idle.remove(seat)

    def events_until(self, at: int) -> Iterator[tuple[str, list[Event]]]:
        """Yield all events up to `at` (epoch ms), as batches of one service in order of time."""
        while self._queue and self._queue[0][0] <= at:
            now, _, seat, step = heapq.heappop(self._queue)
            step(now, seat)
        out, self._out = self._out, []
        batches: dict[str, list[Event]] = {}
        for service, event in out:
            batches.setdefault(service, []).append(event)
        yield from batches.items()

    # --- building blocks ------------------------------------------------------------------------------------

    def _schedule_step(self, now: int, mean: float, seat: _Seat, step: Callable[[int, _Seat], None]) -> None:
        """Schedule the step after about `mean` seconds."""
        self._number += 1
        wait = self._dice.gammavariate(2.0, mean / 2.0) / self._pace
        heapq.heappush(self._queue, (now + max(400, int(wait * 1000)), self._number, seat, step))

    def _emit_event(self, now: int, seat: _Seat, kind: str, **data: Any) -> None:
        self._number += 1
        event: Event = {
            "specversion": "1.0",
            "id": f"{now:013d}-{self._number:08d}",
            "source": self._source,
            "type": f"octui.{kind}",
            "time": datetime.fromtimestamp(now / 1000, UTC).isoformat(timespec="milliseconds"),
            "sequence": self._number,
        }
        if not kind.startswith(("ticket.", "queue.")):
            event["subject"] = seat.account
        if data:
            event["data"] = data
        self._out.append((seat.service, event))

    def _emit_state(self, now: int, seat: _Seat, state: str, call: str = "") -> None:
        if seat.driven:
            self._emit_event(now, seat, "phone.state", state=state, **({"call": call} if call else {}))

    # --- phone ----------------------------------------------------------------------------------------------

    def _log_in(self, now: int, seat: _Seat) -> None:
        if seat.driven:
            self._emit_event(now, seat, "phone.login")
        self._schedule_step(now, 25, seat, self._choose_next)

    def _choose_next(self, now: int, seat: _Seat) -> None:
        """Choose what a ready agent does next: take a call, call somebody, or take a break."""
        if not seat.driven:
            return
        chance = self._dice.random()
        if chance < 0.78:
            self._wait_for_call(now, seat)
        elif chance < 0.88:
            seat.call = f"{now / 1000:.3f}.{self._number}"
            self._emit_state(now, seat, "dialling", seat.call)
            self._schedule_step(now, 12, seat, self._connect_call)
        else:
            state, _, usual = self._dice.choices(_BREAKS, weights=[weight for _, weight, _ in _BREAKS])[0]
            self._emit_state(now, seat, state.value)
            self._schedule_step(now, usual, seat, self._become_ready)

    def _wait_for_call(self, now: int, seat: _Seat) -> None:
        """Take the call that has waited longest, or wait for the next one."""
        line = self._lines[seat.service]
        call = next(iter(line.waiting), None)
        if call is None:
            line.idle.append(seat)
        else:
            self._ring(now, seat, call)

    def _ring(self, now: int, seat: _Seat, call: str) -> None:
        """Let an agent's phone ring for a call of the queue; it waits until the answer."""
        line = self._lines[seat.service]
        seat.call, seat.entered = call, line.waiting.pop(call)
        self._emit_state(now, seat, "ringing", call)
        self._schedule_step(now, 4, seat, self._answer_call)

    def _answer_call(self, now: int, seat: _Seat) -> None:
        if not seat.driven:  # released while the phone rang: somebody else has to take the call
            self._offer_call(now, self._lines[seat.service], seat.call, seat.entered)
            return
        self._emit_state(now, seat, PhoneState.INBOUND_CALLS, seat.call)
        chance = self._dice.random()
        if chance < 0.15:
            self._schedule_step(now, 60, seat, self._hold_call)
        elif chance < 0.22:
            self._schedule_step(now, 80, seat, self._transfer_call)
        else:
            self._schedule_step(now, 170, seat, self._wrap_up)

    def _connect_call(self, now: int, seat: _Seat) -> None:
        self._emit_state(now, seat, PhoneState.OUTBOUND_CALLS, seat.call)
        self._schedule_step(now, 140, seat, self._wrap_up)

    def _hold_call(self, now: int, seat: _Seat) -> None:
        self._emit_state(now, seat, "hold", seat.call)
        self._schedule_step(now, 30, seat, self._resume_call)

    def _resume_call(self, now: int, seat: _Seat) -> None:
        self._emit_state(now, seat, PhoneState.INBOUND_CALLS, seat.call)
        self._schedule_step(now, 120, seat, self._wrap_up)

    def _transfer_call(self, now: int, seat: _Seat) -> None:
        self._emit_state(now, seat, PhoneState.TRANSFER, seat.call)
        self._schedule_step(now, 40, seat, self._wrap_up)

    def _wrap_up(self, now: int, seat: _Seat) -> None:
        self._emit_state(now, seat, PhoneState.TICKET_WORK)
        self._schedule_step(now, 50, seat, self._become_ready)

    def _become_ready(self, now: int, seat: _Seat) -> None:
        self._emit_state(now, seat, PhoneState.READY)
        self._schedule_step(now, 30, seat, self._choose_next)

    # --- queue ----------------------------------------------------------------------------------------------

    def _receive_call(self, now: int, desk: _Seat) -> None:
        """Let a customer call, and schedule the next one: more in the busy hours, as many as there are agents."""
        line = self._lines[desk.service]
        self._enter_queue(now, f"{now / 1000:.3f}.{self._number}", line)
        hour = (now // 1000 + _SEOUL_S) % 86_400 / 3600
        busy = any(first <= hour < last for first, last in _BUSY_HOURS)
        # The more agents, the closer to what they can take, for the same waits.
        load = (_MOST_LOAD - _SPARE_LOAD / line.seats**0.5) * (1.0 if busy else _CALM)
        self._schedule_step(now, _SECONDS_A_CALL / line.seats / load, desk, self._receive_call)

    def _enter_queue(self, now: int, call: str, line: _Line) -> None:
        self._emit_event(
            now, line.desk, "queue.ENTERQUEUE", call=call, queue=line.desk.service, args=["", "0100000000"]
        )
        self._offer_call(now, line, call, now)

    def _offer_call(self, now: int, line: _Line, call: str, entered: int) -> None:
        """Give a call to an agent who is free, or let it wait for as long as its customer is patient."""
        line.waiting[call] = entered
        if line.idle:
            self._ring(now, line.idle.pop(0), call)
        else:
            self._schedule_step(now, 75, line.desk, partial(self._lose_patience, call))

    def _lose_patience(self, call: str, now: int, desk: _Seat) -> None:
        """Let a call that still waits leave the queue; some come back."""
        line = self._lines[desk.service]
        entered = line.waiting.pop(call, None)
        if entered is None:
            return
        comes_back = self._dice.random() < 0.1
        kind = "queue.EXITWITHTIMEOUT" if comes_back else "queue.ABANDON"
        args = [str(len(line.waiting) + 1), "1", str((now - entered) // 1000)]
        self._emit_event(now, desk, kind, call=call, queue=desk.service, args=args)
        if comes_back:
            self._schedule_step(now, 20, desk, lambda later, _: self._enter_queue(later, call, line))

    # --- chat -----------------------------------------------------------------------------------------------

    def _sign_on(self, now: int, seat: _Seat) -> None:
        self._emit_event(now, seat, "chat.login")
        self._schedule_step(now, 90, seat, self._open_chat)

    def _open_chat(self, now: int, seat: _Seat) -> None:
        if not seat.chats and self._dice.random() < 0.12:
            self._emit_event(now, seat, "chat.rest")
            self._schedule_step(now, 500, seat, self._resume_chat)
            return
        chat = f"chat-{self._number}"
        seat.chats.append(chat)
        self._emit_event(now, seat, "chat.opened", chat=chat)
        self._schedule_step(now, 240, seat, self._close_chat)
        if len(seat.chats) < 3 and self._dice.random() < 0.4:
            self._schedule_step(now, 90, seat, self._open_chat)

    def _close_chat(self, now: int, seat: _Seat) -> None:
        if seat.chats:
            self._emit_event(now, seat, "chat.closed", chat=seat.chats.pop(0))
        if not seat.chats:
            self._schedule_step(now, 120, seat, self._open_chat)

    def _resume_chat(self, now: int, seat: _Seat) -> None:
        self._emit_event(now, seat, "chat.resume")
        self._schedule_step(now, 90, seat, self._open_chat)

    # --- tickets --------------------------------------------------------------------------------------------

    def _new_ticket(self, now: int, seat: _Seat) -> None:
        ticket = f"T{self._number}"
        self._emit_event(now, seat, "ticket.created", ticket=ticket, agent=None)
        if self._dice.random() < 0.95:
            seat.tickets.append(ticket)
            self._schedule_step(now, 45, seat, self._take_ticket)
        self._schedule_step(now, 900, seat, self._new_ticket)

    def _take_ticket(self, now: int, seat: _Seat) -> None:
        if seat.tickets:
            self._emit_event(now, seat, "ticket.assigned", ticket=seat.tickets[0], agent=seat.account)
            self._schedule_step(now, 500, seat, self._solve_ticket)

    def _solve_ticket(self, now: int, seat: _Seat) -> None:
        if seat.tickets:
            ticket = seat.tickets.pop(0)
            self._emit_event(now, seat, "ticket.solved", ticket=ticket, agent=seat.account)
            if self._dice.random() < 0.7:
                self._emit_event(now + 1, seat, "ticket.closed", ticket=ticket, agent=seat.account)
