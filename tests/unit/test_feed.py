"""The polling loop on a fake clock: its sleeps move the clock, its server answers when the test tells it to."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octui.client.api import LiveReply
from octui.client.errors import BadAnswer, ClientError, Refused, SignInNeeded, Throttled, Unreachable
from octui.client.feed import Feed, Health
from octui.schema.live import Changed, LiveAnswer
from octui.schema.problems import Problem
from octui.state.freshness import Freshness, Level

Heard = list[tuple[str, dict[str, Any] | None, str]]
STATS = "services/oc/stats/kim"
HEAD = "services/oc/cti/head"


def answer(changed: dict[str, Changed] | None = None, *, held: bool = True, as_of: int = 1) -> LiveReply:
    return LiveReply(LiveAnswer(as_of=as_of, changed=changed or {}), held)


NOTHING = LiveReply(None, held=True)
IGNORED = LiveReply(None, held=False)


def news(topic: str, etag: str, body: dict[str, Any] | None = None) -> LiveReply:
    return answer({topic: Changed(etag=etag, body={"n": etag} if body is None else body)})


class Request:
    """A request under way."""

    def __init__(self, have: Mapping[str, str], wait: int, at: float) -> None:
        self.have = dict(have)
        self.wait = wait
        self.at = at
        self.outcome: asyncio.Future[LiveReply] = asyncio.get_running_loop().create_future()

    @property
    def open(self) -> bool:
        return not self.outcome.done()


class Service:
    """Server that records every request and answers when told, with a clock that only sleeps and answers move."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.requests: list[Request] = []
        self.slept: list[float] = []
        self.sleeper: asyncio.Future[None] | None = None
        self.hold_sleep = False
        self.most_open = 0

    def clock(self) -> float:
        return self.now

    async def ask(self, have: Mapping[str, str], wait: int) -> LiveReply:
        request = Request(have, wait, self.now)
        self.requests.append(request)
        self.most_open = max(self.most_open, sum(other.open for other in self.requests))
        return await request.outcome

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.hold_sleep:
            self.sleeper = asyncio.get_running_loop().create_future()
            await self.sleeper
        self.now += seconds

    async def settled(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)

    async def reply(self, outcome: LiveReply | Exception, after: float = 0.0) -> Request:
        """Answer the open request after `after` seconds and let the loop handle it."""
        await self.settled()
        (request,) = [request for request in self.requests if request.open]
        self.now += after
        if isinstance(outcome, Exception):
            request.outcome.set_exception(outcome)
        else:
            request.outcome.set_result(outcome)
        await self.settled()
        return request

    @property
    def last(self) -> Request:
        return self.requests[-1]


def feed_of(service: Service, **options: Any) -> Feed:
    return Feed(service.ask, clock=service.clock, sleep=service.sleep, draw=lambda: 0.5, **options)


@asynccontextmanager
async def run_feed(feed: Feed) -> AsyncIterator[None]:
    task = asyncio.create_task(feed.run())
    try:
        yield
    finally:
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def callback_for(heard: Heard) -> Any:
    return lambda topic, body, etag: heard.append((topic, body, etag))


async def test_first_request_is_immediate_the_next_waits_with_the_etag() -> None:
    service, heard = Service(), Heard()
    feed = feed_of(service)
    feed.lease(STATS, callback_for(heard))
    async with run_feed(feed):
        first = await service.reply(news(STATS, '"1"'))
        assert (first.have, first.wait) == ({STATS: ""}, 0)
        assert heard == [(STATS, {"n": '"1"'}, '"1"')]
        assert (service.last.have, service.last.wait) == ({STATS: '"1"'}, 25)
        await service.reply(NOTHING, after=25)
        assert heard == [(STATS, {"n": '"1"'}, '"1"')]
        assert feed.health == Health(last_success=service.last.at, gap=25.0)
        await service.reply(news(STATS, '"2"'), after=3)
        assert heard[-1] == (STATS, {"n": '"2"'}, '"2"')
        assert service.last.have == {STATS: '"2"'}
    assert service.most_open == 1


async def test_nothing_is_requested_without_a_lease() -> None:
    service = Service()
    feed = feed_of(service)
    async with run_feed(feed):
        feed.nudge()
        await service.settled()
        assert not service.requests
        lease = feed.lease(STATS, callback_for(Heard()))
        await service.reply(news(STATS, '"1"'))
        held = service.last
        lease.close()
        lease.close()
        await service.settled()
        assert held.outcome.cancelled()
        assert feed.topics == frozenset()
        assert len(service.requests) == 2


async def test_many_new_leases_interrupt_the_wait_once() -> None:
    service, heard = Service(), Heard()
    feed = feed_of(service)
    feed.lease(STATS, callback_for(heard))
    async with run_feed(feed):
        await service.reply(news(STATS, '"1"'))
        held = service.last
        service.now += 10
        for topic in (HEAD, "me", "audit/head"):
            feed.lease(topic, callback_for(heard))
        await service.settled()
        assert held.outcome.cancelled()
        assert service.last.wait == 0
        assert service.last.have == {STATS: '"1"', HEAD: "", "me": "", "audit/head": ""}
        assert len(service.requests) == 3
        assert service.most_open == 1


async def test_short_request_is_not_canceled_by_nudges() -> None:
    service, heard = Service(), Heard()
    feed = feed_of(service)
    feed.lease(STATS, callback_for(heard))
    async with run_feed(feed):
        await service.settled()
        feed.nudge()
        feed.lease(HEAD, callback_for(heard))
        await service.settled()
        assert len(service.requests) == 1
        await service.reply(news(STATS, '"1"'), after=0.8)
        assert heard
        assert (service.last.wait, service.last.have) == (0, {STATS: '"1"', HEAD: ""})


async def test_second_lease_of_a_topic_is_told_the_known_answer() -> None:
    service, first, second = Service(), Heard(), Heard()
    feed = feed_of(service)
    one = feed.lease(STATS, callback_for(first))
    async with run_feed(feed):
        await service.reply(news(STATS, '"1"'))
        held = service.last
        with feed.lease(STATS, callback_for(second)):
            await service.settled()
            assert second == first
            assert held.open
            one.close()
            await service.reply(news(STATS, '"2"'), after=1)
            assert (len(first), len(second)) == (1, 2)
        assert not feed.topics


async def test_closed_lease_is_told_nothing_even_within_one_answer() -> None:
    service, heard = Service(), Heard()
    feed = feed_of(service)
    feed.lease(STATS, lambda *_: other.close())
    other = feed.lease(STATS, callback_for(heard))
    async with run_feed(feed):
        await service.reply(news(STATS, '"1"'))
    assert not heard


async def test_requests_are_at_most_four_a_second() -> None:
    service = Service()
    feed = feed_of(service)
    feed.lease(STATS, callback_for(Heard()))
    async with run_feed(feed):
        for number in range(20):
            await service.reply(news(STATS, f'"{number}"'), after=0.01)
        for _ in range(20):
            feed.nudge()
            await service.settled()
            await service.reply(NOTHING)
    starts = [request.at for request in service.requests]
    assert min(later - earlier for earlier, later in pairwise(starts)) >= 0.25 - 1e-9


@pytest.mark.parametrize("reply", [IGNORED, answer(held=False), NOTHING, answer(held=True)])
async def test_server_that_does_not_hold_is_polled_at_the_interval(reply: LiveReply) -> None:
    service = Service()
    feed = feed_of(service, interval=5.0)
    feed.lease(STATS, callback_for(Heard()))
    async with run_feed(feed):
        await service.reply(news(STATS, '"1"'))
        service.slept.clear()
        service.hold_sleep = True
        await service.reply(reply, after=0.1)
        assert service.slept == [5.0]
        assert feed.health.gap == 5.0
        assert feed.health.next_try == service.now + 5.0
        feed.nudge()
        await service.settled()
        assert service.slept[1:] == [pytest.approx(0.15)]


async def test_failures_wait_longer_and_keep_the_last_success() -> None:
    service = Service()
    seen: list[Health] = []
    feed = feed_of(service, on_health=seen.append)
    feed.lease(STATS, callback_for(Heard()))
    async with run_feed(feed):
        await service.reply(news(STATS, '"1"'))
        succeeded = feed.health.last_success
        service.slept.clear()
        error = Unreachable("connect", "no")
        for _ in range(8):
            await service.reply(error, after=1)
        assert service.slept == [0.5, 1, 2, 4, 8, 15, 15, 15]
        health = feed.health
        assert (health.last_success, health.attempt, health.error) == (succeeded, 8, error)
        assert succeeded is not None
        assert health.failing_since == pytest.approx(succeeded + 1.25)
        assert service.last.wait == 0
        await service.reply(NOTHING)
        assert (feed.health.attempt, feed.health.error, feed.health.failing_since) == (0, None, None)
        assert service.last.wait == 25
    assert [health.attempt for health in seen if health.next_try] == list(range(1, 9))
    assert all(later != earlier for earlier, later in pairwise(seen))


@pytest.mark.parametrize(
    "error",
    [
        Throttled(120.0),
        Refused(Problem(title="busy", status=503, code="storage_busy"), retry_after=120.0),
    ],
)
async def test_retry_after_is_kept_even_when_nudged(error: ClientError) -> None:
    service = Service()
    feed = feed_of(service)
    feed.lease(STATS, callback_for(Heard()))
    async with run_feed(feed):
        await service.settled()
        service.hold_sleep = True
        await service.reply(error)
        assert service.slept == [120.0]
        for _ in range(3):
            feed.nudge()
            await service.settled()
        assert len(service.slept) <= 2
        assert len(service.requests) == 1
        feed.restart()
        await service.settled()
        assert service.slept[-1] == 0.25


async def test_nothing_is_requested_without_a_valid_token_until_restart() -> None:
    service, heard = Service(), Heard()
    feed = feed_of(service)
    feed.lease(STATS, callback_for(heard))
    async with run_feed(feed):
        await service.reply(SignInNeeded())
        assert isinstance(feed.health.error, SignInNeeded)
        assert feed.health.next_try is None
        feed.nudge()
        feed.lease(HEAD, callback_for(heard))
        await service.settled()
        assert len(service.requests) == 1
        assert not await feed.poll_once()
        other = Service()
        feed.restart(other.ask)
        await service.settled()
        await other.reply(news(STATS, '"7"'))
        assert heard == [(STATS, {"n": '"7"'}, '"7"')]


async def test_answer_for_the_previous_person_is_dropped_on_restart() -> None:
    service, heard = Service(), Heard()
    feed = feed_of(service)
    feed.lease(STATS, callback_for(heard))
    async with run_feed(feed):
        await service.reply(news(STATS, '"1"'))
        heard.clear()
        before = service.last
        before.outcome.set_result(news(STATS, '"of the other"'))
        feed.restart()
        await service.settled()
        assert not heard
        assert (service.last.have, service.last.wait) == ({STATS: ""}, 0)


async def test_answer_older_than_a_write_is_dropped() -> None:
    service, heard = Service(), Heard()
    feed = feed_of(service)
    feed.lease(STATS, callback_for(heard))
    async with run_feed(feed):
        await service.reply(news(STATS, '"1"'))
        heard.clear()
        before = service.last
        with feed.pause_block():
            feed.pause()
            before.outcome.set_result(news(STATS, '"before the write"')) if before.open else None
            await service.settled()
        await service.settled()
        asked = len(service.requests)
        feed.resume()
        await service.settled()
        assert not heard
        assert len(service.requests) == asked + 1
        assert (service.last.have, service.last.wait) == ({STATS: '"1"'}, 0)
        with pytest.raises(RuntimeError):
            feed.resume()


async def test_short_answer_under_way_is_dropped_too() -> None:
    service, heard = Service(), Heard()
    feed = feed_of(service)
    feed.lease(STATS, callback_for(heard))
    async with run_feed(feed):
        await service.settled()
        quick = service.last
        with feed.pause_block():
            await service.settled()
            assert quick.outcome.cancelled()
        await service.reply(news(STATS, '"2"'))
        assert heard == [(STATS, {"n": '"2"'}, '"2"')]


async def test_callback_that_pauses_keeps_the_change_for_the_others() -> None:
    service, heard = Service(), Heard()
    feed = feed_of(service)
    once = iter([feed.pause])
    feed.lease(STATS, lambda *_: next(once, lambda: None)())
    feed.lease(STATS, callback_for(heard))
    async with run_feed(feed):
        await service.reply(news(STATS, '"1"'))
        assert not heard
        feed.resume()
        await service.reply(news(STATS, '"1"'))
        assert heard == [(STATS, {"n": '"1"'}, '"1"')]


async def test_topic_that_is_gone_is_told_once_and_requested_again_on_nudge() -> None:
    service, heard = Service(), Heard()
    feed = feed_of(service)
    feed.lease(STATS, callback_for(heard))
    feed.lease("me", callback_for(heard))
    async with run_feed(feed):
        await service.reply(answer({STATS: Changed(etag="", gone=True), "me": Changed(etag='"m"', body={})}))
        assert (STATS, None, "") in heard
        assert service.last.have == {"me": '"m"'}
        service.now += 1
        feed.nudge()
        await service.settled()
        assert service.last.have == {STATS: "", "me": '"m"'}


async def test_broken_listener_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    service, heard = Service(), Heard()

    def broken(*_: object) -> None:
        raise KeyError("screen")

    feed = feed_of(service, on_health=broken, on_time=broken)
    feed.lease(STATS, broken)
    feed.lease(STATS, callback_for(heard))
    with caplog.at_level(logging.CRITICAL, logger="octui"):
        async with run_feed(feed):
            await service.reply(news(STATS, '"1"'))
            assert heard
            assert service.last.wait == 25


async def test_unforeseen_error_counts_as_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    service = Service()
    feed = feed_of(service)
    feed.lease(STATS, callback_for(Heard()))
    async with run_feed(feed):
        await service.reply(ZeroDivisionError())
        assert isinstance(feed.health.error, BadAnswer)
        await service.reply(NOTHING)
        assert feed.health.error is None
    assert "asking for changes failed" in caplog.text


async def test_deadline_passed_while_the_program_stood_still_is_no_failure() -> None:
    service = Service()
    feed = feed_of(service)
    feed.lease(STATS, callback_for(Heard()))
    async with run_feed(feed):
        await service.reply(news(STATS, '"1"'))
        await service.reply(Unreachable("timeout", "late"), after=120)
        assert feed.health.attempt == 0
        assert service.last.wait == 0
        await service.reply(Unreachable("timeout", "late"), after=15)
        assert feed.health.attempt == 1


async def test_server_clock_is_passed_on() -> None:
    service = Service()
    times: list[int] = []
    feed = feed_of(service, on_time=times.append)
    feed.lease(STATS, callback_for(Heard()))
    async with run_feed(feed):
        await service.reply(answer(as_of=77))
        await service.reply(NOTHING, after=20)
    assert times == [77]


async def test_poll_once_sends_one_short_request() -> None:
    service, heard = Service(), Heard()
    feed = feed_of(service)
    assert not await feed.poll_once()
    feed.lease(STATS, callback_for(heard))
    for etag in ('"1"', '"2"'):
        step = asyncio.create_task(feed.poll_once())
        await service.reply(news(STATS, etag))
        assert await step
    assert [request.wait for request in service.requests] == [0, 0]
    assert [etag for _, _, etag in heard] == ['"1"', '"2"']
    assert not service.slept
    failing = asyncio.create_task(feed.poll_once())
    await service.reply(Unreachable("connect", "no"))
    assert not await failing
    assert feed.health.attempt == 1


ACTS = st.sampled_from(["lease", "close", "nudge", "pause", "resume", "news", "nothing", "error", "renew", "throttled"])


@given(st.lists(ACTS, max_size=40))
def test_any_sequence_has_one_request_at_a_time_and_delivers_changes(acts: list[str]) -> None:
    async def play() -> None:
        service, heard = Service(), Heard()
        feed = feed_of(service)
        leases = [feed.lease(STATS, callback_for(heard))]
        pauses = 0
        async with run_feed(feed):
            for number, act in enumerate(acts):
                under_way = [request for request in service.requests if request.open]
                if act == "lease":
                    leases.append(feed.lease(STATS if number % 2 else HEAD, callback_for(heard)))
                elif act == "close" and leases:
                    leases.pop(0).close()
                elif act == "nudge":
                    feed.nudge()
                elif act == "pause":
                    feed.pause()
                    pauses += 1
                elif act == "resume" and pauses:
                    feed.resume()
                    pauses -= 1
                elif act == "renew":
                    feed.restart()
                elif under_way and act == "news":
                    under_way[0].outcome.set_result(news(STATS, f'"{number}"'))
                elif under_way and act == "nothing":
                    under_way[0].outcome.set_result(NOTHING)
                elif under_way and act == "error":
                    under_way[0].outcome.set_exception(Unreachable("connect", "no"))
                elif under_way and act == "throttled":
                    under_way[0].outcome.set_exception(Throttled(3))
                await service.settled()
                assert service.most_open <= 1
            for lease in leases:
                lease.close()
            for _ in range(pauses):
                feed.resume()
            heard.clear()
            feed.lease("me", callback_for(heard))
            await service.settled()
            await service.reply(news("me", '"end"'))
            assert heard == [("me", {"n": '"end"'}, '"end"')]

    asyncio.run(play())


async def test_first_wait_without_a_change_is_not_overdue() -> None:
    """The first answer is immediate, the next comes only when something changes."""
    now = [0.0]
    freshness = Freshness(lambda: now[0])
    told: list[Health] = []
    feed = Feed(lambda have, wait: _nothing(), clock=lambda: now[0], on_health=told.append)
    feed.lease("cti", lambda topic, body, etag: None)
    assert await feed.poll_once()
    health = told[-1]
    freshness.set_health(health.last_success, health.failing_since, health.gap)
    for second in range(30):
        now[0] = float(second)
        assert freshness.judge().level is Level.FRESH


async def _nothing() -> LiveReply:
    return LiveReply(None, held=False)
