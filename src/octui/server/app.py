"""The application: every operation of schema.routes.ROUTES on one store, and the four addresses machines watch."""

import importlib
import logging
from collections.abc import Awaitable, Callable, Sequence

from anyio import to_thread
from fastapi import FastAPI
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route as Path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from octui import __version__
from octui.schema.contracts import LARGEST_BANNER
from octui.schema.problems import Code
from octui.schema.routes import ROUTES
from octui.server.core.errors import ProblemError
from octui.server.database.secrets import Sealer
from octui.server.database.store import Store
from octui.server.organization.rules import SUFFIX
from octui.server.sessions.sign_in import SignInHandler
from octui.server.web import openapi, polling, problems
from octui.server.web.batch_reads import BatchReader
from octui.server.web.operations import BY_NAME, Operations
from octui.server.web.waiters import Notifier

ROUTE_MODULES = (
    "organization.routes",
    "contracts.routes",
    "charges.routes",
    "members.routes",
    "members.invitation_routes",
    "agents.routes",
    "cti.routes",
    "cti.settings_routes",
    "cti.log_routes",
    "audit.routes",
    "stats.routes",
    "events.routes",
    "sessions.token_routes",
    "sessions.routes",
    "settings.routes",
)
LARGEST_BODY = 1 << 20
LARGEST_BULK = 16 << 20
_BULK = ("/cti/batch", "/events")
_BANNER = "/banner"

# Without a handler of its own Python prints warnings over the screens; the commands say where the log goes.
logging.getLogger("octui").addHandler(logging.NullHandler())


class _TooLarge(Exception):
    pass


class Envelope:
    """Around everything: counts answers, limits bodies, and turns what nobody expected into a 500 problem."""

    def __init__(self, app: ASGIApp, counts: dict[int, int]) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = LARGEST_BULK if scope["path"].endswith(_BULK) else LARGEST_BODY
        if scope["path"].endswith(_BANNER):
            largest = 2 * LARGEST_BANNER  # one a little too large is told so in its own field
        started = False
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > largest:
                raise _TooLarge
            return message

        async def counted(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                status: int = message["status"]
                self._counts[status] = self._counts.get(status, 0) + 1
            await send(message)

        answer: Response
        try:
            length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
            if length.isdigit() and int(length) > largest:
                raise _TooLarge
            await self._app(scope, limited, counted)
            return
        except ClientDisconnect:
            return
        except _TooLarge:
            answer = problems.problem_response(413, Code.TOO_LARGE, f"At most {largest} bytes.")
        except Exception as error:
            answer = problems.unexpected_error(error)
        if not started:
            await answer(scope, receive, counted)


def _operations() -> list[Operations]:
    found = []
    for name in ROUTE_MODULES:
        module = importlib.import_module(f"octui.server.{name}")
        operations: Operations = module.operations
        found.append(operations)
    return found


def create_app(
    store: Store,
    *,
    parts: Sequence[Operations] | None = None,
    notifier: Notifier | None = None,
    sign_ins: SignInHandler | None = None,
    sealer: Sealer | None = None,
    url_suffix: str | None = None,
) -> FastAPI:
    """The application on `store`. Callers are strangers who need a token, unless it is wrapped in
    `security.LocalApp`. `sign_ins`: with other limits of sessions than the usual ones. `sealer`: what seals the
    secrets it keeps. `url_suffix`: what follows the domain in the organization's URL, if not `SUFFIX`.
    `parts`: other operations than all of them, for tests. Raises RuntimeError when what is registered is not exactly
    ROUTES."""
    notifier = notifier or Notifier(store)
    counts: dict[int, int] = {}
    complete = parts is None
    operations = _operations() if parts is None else parts
    app = FastAPI(
        title="octui",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    sign_ins = sign_ins or SignInHandler()
    app.state.store, app.state.notifier, app.state.sign_ins = store, notifier, sign_ins
    app.state.sealer, app.state.url_suffix = sealer, url_suffix or SUFFIX
    problems.install_handlers(app)
    polls = [polled for part in operations for polled in part.polls]
    names = ["live", *(name for part in operations for name in part.names)]
    if complete and sorted(names) != sorted(route.name for route in ROUTES):
        odd = sorted({route.name for route in ROUTES} ^ set(names)) or "registered twice"
        raise RuntimeError(f"The operations registered are not those of ROUTES: {odd}")
    bodies, looks = polling.AnswerCache(), BatchReader(store, notifier)
    for polled in polls:
        app.router.routes.append(
            Path(polled.route.path, polling.polled_endpoint(polled, looks, bodies), methods=["GET"])
        )
    app.router.routes.append(Path(BY_NAME["live"].path, polling.live_endpoint(polls, looks, bodies), methods=["GET"]))
    for part in operations:
        # Not include_router: it builds the routes anew within the first request, under warning filters that other
        # threads may undo in that moment, and then prints over the screens.
        app.router.routes.extend(part.router.routes)
    for path, answer in _machine(store, notifier, counts, sign_ins).items():
        app.router.routes.append(Path(path, answer, methods=["GET"]))
    setattr(app, "openapi", lambda: openapi.openapi_document(app, polls))  # noqa: B010 (mypy: FastAPI documents it so)
    app.add_middleware(Envelope, counts=counts)
    return app


def _machine(
    store: Store, notifier: Notifier, counts: dict[int, int], sign_ins: SignInHandler
) -> dict[str, Callable[[Request], Awaitable[Response]]]:
    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        if notifier.closing:
            return problems.problem_response(503, Code.NOT_READY, "Shutting down.")
        try:
            await to_thread.run_sync(store.revisions, ["ready"])
        except ProblemError as error:
            return problems.problem_response(503, Code.NOT_READY, error.detail)
        return PlainTextResponse("ready\n")

    async def metrics(request: Request) -> Response:
        lines = [
            "# HELP octui_answers_total Answers by status.",
            "# TYPE octui_answers_total counter",
            *(f'octui_answers_total{{status="{status}"}} {count}' for status, count in sorted(counts.items())),
            "# HELP octui_waiting_clients Requests that wait for a change.",
            "# TYPE octui_waiting_clients gauge",
            f"octui_waiting_clients {notifier.waiting}",
            "# HELP octui_woken_total Waiting requests woken by a change.",
            "# TYPE octui_woken_total counter",
            f"octui_woken_total {notifier.woken}",
            "# HELP octui_sign_ins_total Attempts to sign in by outcome.",
            "# TYPE octui_sign_ins_total counter",
            *(f'octui_sign_ins_total{{outcome="{one}"}} {count}' for one, count in sorted(sign_ins.counts.items())),
            "",
        ]
        return PlainTextResponse("\n".join(lines), media_type="text/plain; version=0.0.4")

    return {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
