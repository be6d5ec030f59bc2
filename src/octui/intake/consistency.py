"""Check of a queue_log for the days it covers, its names and its contradictions; nothing is stored.

Agents are told apart by the names in the log. What the beginning of a log cannot know (a call, a pause or a membership
older than it) looks the same as a line that is missing, and is counted with it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum

from octui.intake.queue_log import PAUSES, Row
from octui.intake.reasons import normalize_reason

SHOWN_LINES = 5
"""Limit of the lines that are kept of each kind of contradiction; all are counted."""
GAP_MS = 86_400_000
LONGEST_CALL_MS = 12 * 3_600_000
"""A call without an end is over after that (rules.md 40)."""
MOST_TALK_DIFFERENCE_S = 2
SINGLE_EVENTS_FOLLOW_MS = 2000
_MOST_OPEN_CALLS = 10_000
_QUARTER_MS = 900_000
_ALL = "*"
_ENDS = frozenset(("COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER"))
_LOGINS = frozenset(("AGENTLOGIN", "AGENTCALLBACKLOGIN"))
_LOGOFFS = frozenset(("AGENTLOGOFF", "AGENTCALLBACKLOGOFF"))


class Kind(StrEnum):
    """Kind of a contradiction between lines of a queue_log."""

    CONNECT_WITHOUT_END = "connect_without_end"
    END_WITHOUT_CONNECT = "end_without_connect"
    END_BY_ANOTHER_AGENT = "end_by_another_agent"
    CALL_OF_TWO_AGENTS = "call_of_two_agents"
    TALK_TIME_DIFFERS = "talk_time_differs"
    UNPAUSE_WITHOUT_PAUSE = "unpause_without_pause"
    REMOVE_WITHOUT_ADD = "remove_without_add"
    LOGIN_WITHOUT_LOGOUT = "login_without_logout"
    TIME_BACKWARDS = "time_backwards"


SENTENCES: Mapping[Kind, str] = {
    Kind.CONNECT_WITHOUT_END: "CONNECT of a call whose end is not in the log",
    Kind.END_WITHOUT_CONNECT: "end of a call whose CONNECT is not in the log",
    Kind.END_BY_ANOTHER_AGENT: "call ended by another agent than it was connected to",
    Kind.CALL_OF_TWO_AGENTS: "CONNECT of a call that another agent still has",
    Kind.TALK_TIME_DIFFERS: "talk time that differs from the clock by more than 2 seconds",
    Kind.UNPAUSE_WITHOUT_PAUSE: "end of a pause whose beginning is not in the log",
    Kind.REMOVE_WITHOUT_ADD: "REMOVEMEMBER of a membership whose ADDMEMBER is not in the log",
    Kind.LOGIN_WITHOUT_LOGOUT: "second login without a logout between",
    Kind.TIME_BACKWARDS: "time before that of the line before",
}


@dataclass(frozen=True)
class Place:
    """A log line with a contradiction: file, line number and a short description."""

    file: str
    line: int
    text: str


@dataclass
class Contradiction:
    """Contradictions of one kind: their number, and the first few log lines."""

    count: int = 0
    first: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class Gap:
    """A stretch of more than a day without a log line; times are epoch ms."""

    start: int
    end: int


@dataclass(slots=True)
class _Call:
    row: Row
    file: str

    @property
    def agent(self) -> str:
        return self.row[6]

    @property
    def at(self) -> int:
        return self.row[0]

    @property
    def line(self) -> int:
        return self.row[8]


@dataclass(slots=True)
class _Agent:
    signed: bool = False
    queues: set[str] = field(default_factory=set)
    paused: set[str] = field(default_factory=set)  # queues, and _ALL
    freed: int = 0  # time of the last end of a pause of all queues


class Consistency:
    """Checker of a queue_log's rows in order. `zone`: the service's. `reasons`: the center's pause reasons."""

    def __init__(self, zone: tzinfo = UTC, reasons: Mapping[str, str] | None = None) -> None:
        self._names: Counter[tuple[str, str]] = Counter()  # by name and event
        self.events: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.days: Counter[date] = Counter()
        self.gaps: list[Gap] = []
        self.contradictions: dict[Kind, Contradiction] = {}
        self.first = 0
        self.last = 0
        self._zone = zone
        self._own_reasons = reasons or {}
        self._quarters: dict[int, date] = {}
        self._file = ""
        self._second = 0  # of the line before in its file, as it is written there
        self._calls: dict[str, _Call] = {}
        self._agents: dict[str, _Agent] = {}

    def add_rows(self, rows: Iterable[Row], file: str = "") -> None:
        """Check the next rows of the log."""
        if file != self._file:
            self._file, self._second = file, 0
        for row in rows:
            at, _, event_id, event, _, _, agent, _, _ = row
            second = int(event_id[:12])  # which is not put in order
            if second < self._second:
                self._note(Kind.TIME_BACKWARDS, row)
            self._second = second
            self._cover_time(at)
            self.events[event] += 1
            if agent and agent != "NONE":
                self._names[agent, event] += 1
            if event == "CONNECT":
                self._connect_call(row)
            elif event in _ENDS:
                self._end_call(row)
            elif event == "QUEUESTART":
                self._restart()
            elif agent and agent != "NONE":
                self._change_agent(row, self._agents.setdefault(agent, _Agent()))

    def finish(self) -> None:
        """Count calls and pauses that are still open at the log's end."""
        self._drop_calls(self.last - LONGEST_CALL_MS)
        self._calls.clear()

    def count_names(self, ignored: Collection[str] = ()) -> Counter[str]:
        """Return the number of events by agent name, without events of the `ignored` types."""
        names: Counter[str] = Counter()
        for (name, event), count in self._names.items():
            if event not in ignored:
                names[name] += count
        return names

    def _note(self, kind: Kind, row: Row, detail: str = "", *, file: str | None = None) -> None:
        found = self.contradictions.setdefault(kind, Contradiction())
        found.count += 1
        if len(found.first) < SHOWN_LINES:
            parts = (row[3], row[4], row[5], row[6])
            text = " ".join(part for part in parts if part not in ("", "NONE"))
            place = Place(self._file if file is None else file, row[8], f"{text}: {detail}" if detail else text)
            found.first.append(place)

    def _cover_time(self, at: int) -> None:
        if self.last and at - self.last > GAP_MS:
            self.gaps.append(Gap(self.last, at))
        self.first = min(self.first or at, at)
        self.last = max(self.last, at)
        quarter = at // _QUARTER_MS  # no clock is changed within one
        day = self._quarters.get(quarter)
        if day is None:
            day = self._quarters[quarter] = datetime.fromtimestamp(at / 1000, self._zone).date()
        self.days[day] += 1

    def _connect_call(self, row: Row) -> None:
        call, agent = row[4], row[6]
        if call in ("", "NONE"):
            return
        known = self._calls.get(call)
        if known is not None and known.agent != agent:
            self._note(Kind.CALL_OF_TWO_AGENTS, row, f"{known.agent} has it since line {known.line}")
        self._calls[call] = _Call(row, self._file)
        if len(self._calls) > _MOST_OPEN_CALLS:
            self._drop_calls(row[0] - LONGEST_CALL_MS)

    def _drop_calls(self, before: int, detail: str = "") -> None:
        for name, call in list(self._calls.items()):
            if call.at < before:
                self._note(Kind.CONNECT_WITHOUT_END, call.row, detail, file=call.file)
                del self._calls[name]

    def _end_call(self, row: Row) -> None:
        at, _, _, event, call, _, agent, args, _ = row
        if call in ("", "NONE"):
            return
        known = self._calls.pop(call, None)
        if known is None:
            self._note(Kind.END_WITHOUT_CONNECT, row)
            return
        if known.agent != agent:
            self._note(Kind.END_BY_ANOTHER_AGENT, row, f"connected to {known.agent} in line {known.line}")
        if event.startswith("COMPLETE") and len(args) > 1 and args[1].isascii() and args[1].isdigit():
            by_clock = (at - known.at) / 1000
            if abs(int(args[1][:12]) - by_clock) > MOST_TALK_DIFFERENCE_S:
                self._note(Kind.TALK_TIME_DIFFERS, row, f"{args[1]} s in the log, {by_clock:.0f} s by the clock")

    def _restart(self) -> None:
        self._drop_calls(self.last + 1, "Asterisk was restarted")
        for agent in self._agents.values():
            agent.signed = False
            agent.queues.clear()

    def _change_agent(self, row: Row, agent: _Agent) -> None:
        _, _, _, event, _, queue, _, args, _ = row
        if event in PAUSES:
            self._note_reason(args)
        if event in ("PAUSE", "PAUSEALL"):
            agent.paused.add(_ALL if event == "PAUSEALL" or queue in ("", "NONE") else queue)
        elif event in ("UNPAUSE", "UNPAUSEALL"):
            self._end_pause(row, agent)
        elif event == "ADDMEMBER":
            if queue in agent.queues:
                self._note(Kind.LOGIN_WITHOUT_LOGOUT, row)
            agent.queues.add(queue)
            agent.paused.discard(queue)
            if args[:1] == ["PAUSED"]:
                agent.paused.add(queue)
        elif event == "REMOVEMEMBER":
            if queue not in agent.queues:
                self._note(Kind.REMOVE_WITHOUT_ADD, row)
            agent.queues.discard(queue)
            agent.paused.discard(queue)
        elif event in _LOGINS:
            if agent.signed:
                self._note(Kind.LOGIN_WITHOUT_LOGOUT, row)
            agent.signed = True
        elif event in _LOGOFFS:
            agent.signed = False

    def _note_reason(self, args: list[str]) -> None:
        reason = args[0] if args else ""
        if reason and normalize_reason(reason) not in self._own_reasons:
            self.reasons[reason] += 1

    def _end_pause(self, row: Row, agent: _Agent) -> None:
        """End an agent's pause in one queue or in all, or note a contradiction if there was no pause."""
        at, queue = row[0], row[5]
        if row[3] == "UNPAUSEALL" or queue in ("", "NONE"):
            known = bool(agent.paused)
            agent.paused.clear()
        else:
            known = queue in agent.paused or _ALL in agent.paused
            agent.paused -= {queue, _ALL}
        if known:
            agent.freed = at
        elif not agent.freed or at - agent.freed > SINGLE_EVENTS_FOLLOW_MS:
            self._note(Kind.UNPAUSE_WITHOUT_PAUSE, row)
