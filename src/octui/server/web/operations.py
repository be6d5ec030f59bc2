"""Operations: how a row of schema.routes.ROUTES becomes a route, with its caller known and its authorization checked.

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
    """One request: the store, who calls with which rights of this moment, the notifier, the request itself.

    `store.write` judges the caller anew in its transaction (service/acting.py). In a POST with an Idempotency-Key it
    happens once for each key; its work returns the answer.
    """

    store: Store
    principal: Principal
    notifier: Notifier
    request: Request
    memo: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def read_once(self, key: Hashable, work: Callable[[Connection], T]) -> T:
        """Read what is the same for everybody, once for all who look at this moment."""
        if key not in self.memo:
            self.memo[key] = self.store.read(work)
        found: T = self.memo[key]
        return found

    def expected_version(self) -> int:
        """The version `If-Match` names (-1: none that could ever be); raises 428 where it is missing."""
        header = self.request.headers.get("if-match")
        if header is None:
            raise ProblemError(Code.VERSION_REQUIRED, 428, 'Say which version you edit: If-Match: "v<version>".')
        found = _VERSION.fullmatch(header.strip())
        return int(found[1]) if found else -1


async def _stored_context(request: Request) -> RequestContext:
    context: RequestContext = request.state.context
    return context


ContextArg = Annotated[RequestContext, Depends(_stored_context)]


@dataclass(frozen=True)
class PollKey:
    """What a polled resource depends on."""

    topics: tuple[str, ...]
    tag: str = ""
    until: int | None = None

    def etag(self, revisions: dict[str, int]) -> str:
        """`"<tag>-<rev>-<rev>…"`, in the order of the topics."""
        parts = [self.tag] if self.tag else []
        return '"' + "-".join([*parts, *(str(revisions[topic]) for topic in self.topics)]) + '"'


@dataclass(frozen=True)
class PolledResource:
    """A GET that screens wait on, alone or through /live. `query`: its query parameters for the OpenAPI document.
    `shared`: under one ETag the answer is the same for everybody who may have it, so it is read once for all."""

    route: Route
    watch: Callable[[RequestContext, dict[str, str]], PollKey]
    read: Callable[[RequestContext, dict[str, str]], Answer]
    answer: type[Answer]
    query: dict[str, str] = field(default_factory=dict)
    shared: bool = False


def version_tag(version: int) -> str:
    """The ETag of an editable object."""
    return f'"v{version}"'


def model_response(result: object, status: int) -> Response:
    """A model as the answer, with its version as the ETag where it has one; None is an empty answer."""
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
    """Who calls, with the rights of this snapshot. Raises 401."""
    store: Store = request.app.state.store
    principal = authentication.identify_caller(connection, authentication.request_credentials(request), store.clock())
    request.state.principal = principal
    return principal


async def record_session_use(request: Request) -> None:
    """After the snapshot of `look_up`: the caller's session is in use."""
    store: Store = request.app.state.store
    if authentication.is_use_due(request.state.principal, store.clock()):
        await to_thread.run_sync(authentication.note_session_use, store, [request.state.principal])


def query_values(request: Request, name: str) -> list[str]:
    """The values of a query parameter. Not by `request.query_params`: a request would keep them as long as it waits."""
    query: bytes = request.scope["query_string"]
    said = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return [value for each, value in said if each == name]


def path_parameters(request: Request) -> dict[str, str]:
    """The path parameters. No object has a NUL in its name, and PostgreSQL refuses to look for one: 404."""
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
    said = f"{route.method} {url.path}?{url.query}\n".encode("utf-8", "surrogateescape")
    digest = hashlib.sha256(said + body).digest()
    return RequestContext(
        IdempotentStore(context.store, key, digest, status), context.principal, context.notifier, context.request
    )


def _guarded_route_class(route: Route, status: int) -> type[APIRoute]:
    class GuardedRoute(APIRoute):
        """Judges the caller before the body is even parsed."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            def judge(request: Request) -> RequestContext:
                store: Store = request.app.state.store
                said = authentication.request_credentials(request)
                if Who.ANYONE in route.who:
                    principal, path = authentication.anonymous_principal(said), path_parameters(request)
                else:
                    principal = store.read(lambda connection: load_principal(request, connection))
                    path = path_parameters(request)
                    store = AuthorizedStore(store, said, route, path)
                policy.authorize(route, principal, path)
                return RequestContext(store, principal, request.app.state.notifier, request)

            async def guarded(request: Request) -> Response:
                context = await to_thread.run_sync(judge, request)
                if Who.ANYONE not in route.who:
                    await record_session_use(request)
                body = await request.body() if route.method != "GET" else b""
                request.state.context = _idempotent_context(context, route, status, body)
                return await handle(request)

            return guarded

    return GuardedRoute


def _model_of(handler: Callable[..., object]) -> Any:
    answer = get_type_hints(handler).get("return")
    return answer if isinstance(answer, type) and issubclass(answer, BaseModel) else None


class Operations:
    """The operations of one routes module; app.py takes them all in."""

    def __init__(self) -> None:
        self.router = APIRouter()
        self.polls: list[PolledResource] = []
        self.names: list[str] = []

    def __call__(self, name: str, status: int = 200) -> Callable[[Callable[P, T]], Callable[P, T]]:
        """Decorate a plain function that takes path parameters, `call: CallArg`, perhaps a body model and query
        parameters, and returns a schema model (or None, or a ready Response). It runs in a worker thread."""
        route = BY_NAME[name]

        def register(handler: Callable[P, T]) -> Callable[P, T]:
            @wraps(handler)
            def respond(*args: P.args, **kwargs: P.kwargs) -> Response:
                return model_response(handler(*args, **kwargs), status)

            self.router.add_api_route(
                route.path,
                respond,
                methods=[route.method],
                name=name,
                operation_id=name,
                summary=route.summary,
                status_code=status,
                response_model=_model_of(handler),
                route_class_override=_guarded_route_class(route, status),
            )
            self.names.append(name)
            return handler

        return register

    def add_polled(
        self,
        name: str,
        watch: Callable[[RequestContext, dict[str, str]], PollKey],
        read: Callable[[RequestContext, dict[str, str]], Answer],
        answer: type[Answer],
        *,
        query: dict[str, str] | None = None,
        shared: bool = False,
    ) -> None:
        """Register a GET with an ETag that can be waited on. `watch` and `read` block; they run in worker threads,
        `read` only when the ETag is not the one held. `query`: name → description of its query parameters."""
        self.names.append(name)
        self.polls.append(PolledResource(BY_NAME[name], watch, read, answer, query or {}, shared))
