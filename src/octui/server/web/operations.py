"""Decorators that turn an entry of schema.routes.ROUTES into a route whose caller is authenticated and authorized.

Every operation is declared there and nowhere else: path, method, summary and who may call it come from that table.
"""

import hashlib
import re
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar, get_type_hints
from urllib.parse import parse_qsl

from anyio import to_thread
from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from octui.schema.common import Answer
from octui.schema.problems import Code
from octui.schema.routes import ROUTES, Route, Who
from octui.server.core.errors import ProblemError, invalid_field, not_found
from octui.server.core.principal import Principal
from octui.server.database.idempotency import IdempotentStore
from octui.server.database.store import Store
from octui.server.identity import authentication, policy
from octui.server.identity.authorization import AuthorizedStore
from octui.server.web.waiters import Notifier

P = ParamSpec("P")
T = TypeVar("T")

BY_NAME: dict[str, Route] = {route.name: route for route in ROUTES}
_VERSION = re.compile(r'"v(\d{1,18})"')
LONGEST_KEY = 200


@dataclass(frozen=True)
class RequestContext:
    """Context of one request: the store, the caller with their present rights, the notifier.

    `store.write` authorizes the caller again in its transaction (identity/authorization.py). In a POST with an
    Idempotency-Key it happens once for each key; its work returns the answer.
    """

    store: Store
    principal: Principal
    notifier: Notifier
    request: Request
    memo: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def read_once(self, key: Hashable, work: Callable[[Connection], T]) -> T:
        """Return a value that is the same for all callers, read once for a batch of requests."""
        if key not in self.memo:
            self.memo[key] = self.store.read(work)
        value: T = self.memo[key]
        return value

    def expected_version(self) -> int:
        """Return the version in `If-Match`, -1 for a malformed one. Raises 428 without the header."""
        header = self.request.headers.get("if-match")
        if header is None:
            raise ProblemError(Code.VERSION_REQUIRED, 428, 'Say which version you edit: If-Match: "v<version>".')
        match = _VERSION.fullmatch(header.strip())
        return int(match[1]) if match else -1


async def _stored_context(request: Request) -> RequestContext:
    context: RequestContext = request.state.context
    return context


ContextArg = Annotated[RequestContext, Depends(_stored_context)]


@dataclass(frozen=True)
class PollKey:
    """What a resource's ETag depends on: topics, a tag for the rest, and when it changes by time alone (epoch ms)."""

    topics: tuple[str, ...]
    tag: str = ""
    until: int | None = None

    def etag(self, revisions: dict[str, int]) -> str:
        """Return the ETag `"<tag>-<revision>-<revision>…"`, in the order of the topics."""
        parts = [self.tag] if self.tag else []
        return '"' + "-".join([*parts, *(str(revisions[topic]) for topic in self.topics)]) + '"'


@dataclass(frozen=True)
class PolledResource:
    """A GET operation that clients can long-poll, alone or through `/live`.

    `query` describes its query parameters for the OpenAPI document. `shared`: for one ETag the answer is the same for
    every authorized caller, so it is read once for all.
    """

    route: Route
    poll_key: Callable[[RequestContext, dict[str, str]], PollKey]
    read: Callable[[RequestContext, dict[str, str]], Answer]
    answer: type[Answer]
    query: dict[str, str] = field(default_factory=dict)
    shared: bool = False


def version_tag(version: int) -> str:
    """Return the ETag for the version of an editable object."""
    return f'"v{version}"'


def model_response(result: object, status: int) -> Response:
    """Return a model as JSON response, with its version as the ETag if it has one; None as an empty response."""
    if isinstance(result, Response):
        return result
    headers = {"cache-control": "no-store"}
    if isinstance(result, BaseModel):
        version = getattr(result, "version", None)
        if isinstance(version, int):
            headers["etag"] = version_tag(version)
        return Response(result.model_dump_json(), status, headers, "application/json")
    return Response(status_code=status, headers=headers)


def load_principal(request: Request, connection: Connection) -> Principal:
    """Return the caller with the rights that the snapshot shows. Raises 401."""
    store: Store = request.app.state.store
    principal = authentication.identify_caller(connection, authentication.request_credentials(request), store.clock())
    request.state.principal = principal
    return principal


async def record_session_use(request: Request) -> None:
    """Update when the caller's session was last used. Call it after the snapshot of `load_principal`."""
    store: Store = request.app.state.store
    if authentication.is_use_due(request.state.principal, store.clock()):
        await to_thread.run_sync(authentication.note_session_use, store, [request.state.principal])


def query_values(request: Request, name: str) -> list[str]:
    """Return all values of a query parameter."""
    # Not with `request.query_params`, which the request would keep in memory while it waits.
    query: bytes = request.scope["query_string"]
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return [value for key, value in pairs if key == name]


def path_parameters(request: Request) -> dict[str, str]:
    """Return the path parameters. Raises 404 for one with a NUL character, which PostgreSQL refuses."""
    path = {name: str(value) for name, value in request.path_params.items()}
    if any("\0" in value for value in path.values()):
        raise not_found()
    return path


def _idempotent_context(context: RequestContext, route: Route, status: int, body: bytes) -> RequestContext:
    key = context.request.headers.get("idempotency-key")
    if not route.keyed or key is None:
        return context
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable() or not key.isascii():
        raise invalid_field("Idempotency-Key", "pattern", f"An Idempotency-Key is 1 to {LONGEST_KEY} ASCII characters.")
    url = context.request.url
    head = f"{route.method} {url.path}?{url.query}\n".encode("utf-8", "surrogateescape")
    digest = hashlib.sha256(head + body).digest()
    return RequestContext(
        IdempotentStore(context.store, key, digest, status), context.principal, context.notifier, context.request
    )


def _guarded_route_class(route: Route, status: int) -> type[APIRoute]:
    class GuardedRoute(APIRoute):
        """Route that authorizes the caller before the body is parsed."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            def authorize_request(request: Request) -> RequestContext:
                store: Store = request.app.state.store
                credentials = authentication.request_credentials(request)
                if Who.ANYONE in route.who:
                    principal, path = authentication.anonymous_principal(credentials), path_parameters(request)
                else:
                    principal = store.read(lambda connection: load_principal(request, connection))
                    path = path_parameters(request)
                    store = AuthorizedStore(store, credentials, route, path)
                policy.authorize(route, principal, path)
                return RequestContext(store, principal, request.app.state.notifier, request)

            async def handle_request(request: Request) -> Response:
                context = await to_thread.run_sync(authorize_request, request)
                if Who.ANYONE not in route.who:
                    await record_session_use(request)
                body = await request.body() if route.method != "GET" else b""
                request.state.context = _idempotent_context(context, route, status, body)
                return await handle(request)

            return handle_request

    return GuardedRoute


def _response_model(handler: Callable[..., object]) -> Any:
    answer = get_type_hints(handler).get("return")
    return answer if isinstance(answer, type) and issubclass(answer, BaseModel) else None


class Operations:
    """Registry of one routes module's operations; app.py gathers all of them."""

    def __init__(self) -> None:
        self.router = APIRouter()
        self.polls: list[PolledResource] = []
        self.names: list[str] = []

    def __call__(self, name: str, status: int = 200) -> Callable[[Callable[P, T]], Callable[P, T]]:
        """Return the decorator that registers a function as the operation `name`.

        The function takes path parameters, `context: ContextArg`, perhaps a body model and query parameters, and
        returns a schema model, None, or a ready Response. It runs in a worker thread.
        """
        route = BY_NAME[name]

        def register_handler(handler: Callable[P, T]) -> Callable[P, T]:
            @wraps(handler)
            def run_handler(*args: P.args, **kwargs: P.kwargs) -> Response:
                return model_response(handler(*args, **kwargs), status)

            self.router.add_api_route(
                route.path,
                run_handler,
                methods=[route.method],
                name=name,
                operation_id=name,
                summary=route.summary,
                status_code=status,
                response_model=_response_model(handler),
                route_class_override=_guarded_route_class(route, status),
            )
            self.names.append(name)
            return handler

        return register_handler

    def add_polled(
        self,
        name: str,
        poll_key: Callable[[RequestContext, dict[str, str]], PollKey],
        read: Callable[[RequestContext, dict[str, str]], Answer],
        answer: type[Answer],
        *,
        query: dict[str, str] | None = None,
        shared: bool = False,
    ) -> None:
        """Register a GET operation with an ETag that clients can long-poll.

        `poll_key` and `read` block; they run in worker threads, `read` only when the client has another ETag. `query`
        maps its query parameters to their descriptions.
        """
        self.names.append(name)
        self.polls.append(PolledResource(BY_NAME[name], poll_key, read, answer, query or {}, shared))
