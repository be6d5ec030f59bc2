"""The application: every operation of schema.routes.ROUTES on one store, and the endpoints for monitoring."""

import importlib
import logging
from collections.abc import Sequence

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
    "floor.routes",
    "floor.limit_routes",
    "stats.routes",
    "events.routes",
    "sessions.token_routes",
    "sessions.wall_routes",
    "sessions.routes",
    "settings.routes",
)
LARGEST_BODY = 1 << 20
LARGEST_BULK = 16 << 20
_BULK = ("/cti/batch", "/events", "/file-events", "/queue-log")
_BANNER = "/banner"

# Without a handler of its own Python prints warnings over the screens; the commands say where the log goes.
logging.getLogger("octui").addHandler(logging.NullHandler())


class _BodyTooLarge(Exception):
    """The request's body is larger than its operation allows."""


class Envelope:
    """Outermost middleware: counts answers, limits bodies, and turns unexpected exceptions into a 500 problem."""

    def __init__(self, app: ASGIApp, counts: dict[int, int]) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = LARGEST_BULK if scope["path"].endswith(_BULK) else LARGEST_BODY
        if scope["path"].endswith(_BANNER):
            largest = 2 * LARGEST_BANNER  # a slightly larger one is refused with an error for its field
        started = False
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > largest:
                raise _BodyTooLarge
            return message

        async def send_counted(message: Message) -> None:
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
                raise _BodyTooLarge
            await self._app(scope, receive_limited, send_counted)
            return
        except ClientDisconnect:
            return
        except _BodyTooLarge:
            answer = problems.problem_response(413, Code.TOO_LARGE, f"At most {largest} bytes.")
        except Exception as error:
            answer = problems.unexpected_error(error)
        if not started:
            await answer(scope, receive, send_counted)


def _load_operations() -> list[Operations]:
    parts = []
    for name in ROUTE_MODULES:
        module = importlib.import_module(f"octui.server.{name}")
        operations: Operations = module.operations
        parts.append(operations)
    return parts


def create_app(
    store: Store,
    *,
    parts: Sequence[Operations] | None = None,
    notifier: Notifier | None = None,
    sign_ins: SignInHandler | None = None,
    sealer: Sealer | None = None,
    url_suffix: str | None = None,
) -> FastAPI:
    """Return the application on `store`. Raises RuntimeError when the registered operations are not exactly ROUTES.

    Callers need a token, unless the application is wrapped in `authentication.LocalApp`. `sign_ins` has other limits of
    sessions than the usual ones, `sealer` encrypts secrets, `url_suffix` follows the domain in the organization's URL
    (default: SUFFIX), `parts` are other operations than all of them, for tests.
    """
    notifier = notifier or Notifier(store)
    sign_ins = sign_ins or SignInHandler()
    counts: dict[int, int] = {}
    operations = parts or _load_operations()
    names = ["live", *(name for part in operations for name in part.names)]
    if parts is None and sorted(names) != sorted(route.name for route in ROUTES):
        odd = sorted({route.name for route in ROUTES} ^ set(names)) or "registered twice"
        raise RuntimeError(f"The operations registered are not those of ROUTES: {odd}")
    app = FastAPI(
        title="octui",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.store, app.state.notifier, app.state.sign_ins = store, notifier, sign_ins
    app.state.sealer, app.state.url_suffix = sealer, url_suffix or SUFFIX
    problems.install_handlers(app)
    polls = [polled for part in operations for polled in part.polls]
    answers, reader = polling.AnswerCache(), BatchReader(store, notifier)
    endpoints = {polled.route.path: polling.polled_endpoint(polled, reader, answers) for polled in polls}
    endpoints[BY_NAME["live"].path] = polling.live_endpoint(polls, reader, answers)
    endpoints |= _monitoring_endpoints(store, notifier, counts, sign_ins)
    for path, endpoint in endpoints.items():
        app.router.routes.append(Path(path, endpoint, methods=["GET"]))
    for part in operations:
        # Not include_router: it builds the routes again within the first request, under warning filters that other
        # threads may undo in that moment, and then prints over the screens.
        app.router.routes.extend(part.router.routes)
    setattr(app, "openapi", lambda: openapi.openapi_document(app, polls))  # noqa: B010 (mypy: FastAPI documents it so)
    app.add_middleware(Envelope, counts=counts)
    return app


def _monitoring_endpoints(
    store: Store, notifier: Notifier, counts: dict[int, int], sign_ins: SignInHandler
) -> dict[str, polling.Endpoint]:
    async def answer_healthz(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def answer_readyz(request: Request) -> Response:
        if notifier.closing:
            return problems.problem_response(503, Code.NOT_READY, "Shutting down.")
        try:
            await to_thread.run_sync(store.revisions, ["ready"])
        except ProblemError as error:
            return problems.problem_response(503, Code.NOT_READY, error.detail)
        return PlainTextResponse("ready\n")

    async def answer_metrics(request: Request) -> Response:
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
            *(
                f'octui_sign_ins_total{{outcome="{outcome}"}} {count}'
                for outcome, count in sorted(sign_ins.counts.items())
            ),
            "",
        ]
        return PlainTextResponse("\n".join(lines), media_type="text/plain; version=0.0.4")

    return {"/healthz": answer_healthz, "/readyz": answer_readyz, "/metrics": answer_metrics}
