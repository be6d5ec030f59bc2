"""Base of every menu's requests: how a body, a version and query parameters are sent."""

from collections.abc import Mapping
from typing import TypeVar

from octui.client.decode import decode_reply
from octui.client.retrying import Params, RetryingClient, replace_surrogates
from octui.schema.common import Answer, RequestBody

SLOW_DEADLINE_S = 120.0
PAGE = 200
JSON = {"content-type": "application/json"}

Model = TypeVar("Model", bound=Answer)


class Endpoints:
    """Base of the classes with one method for each operation, which send through one `RetryingClient`."""

    _client: RetryingClient

    async def _send_request(
        self,
        operation: str,
        answer: type[Model],
        *,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        deadline: float | None = None,
        **path_params: str,
    ) -> Model:
        """Send an operation and decode its answer."""
        reply = await self._client.send_operation(
            operation, path_params=path_params, params=params, headers=headers, body=body, deadline=deadline
        )
        return decode_reply(reply, answer)

    async def _send_model(
        self,
        operation: str,
        model: RequestBody,
        answer: type[Model],
        *,
        deadline: float | None = None,
        **path_params: str,
    ) -> Model:
        """Send an operation with a model as its body."""
        reply = await self._client.send_operation(
            operation, path_params=path_params, headers=JSON, body=body_of(model), deadline=deadline
        )
        return decode_reply(reply, answer)

    async def _send_change(
        self,
        operation: str,
        model: RequestBody,
        version: int,
        answer: type[Model],
        *,
        whole: bool = False,
        **path_params: str,
    ) -> Model:
        """Change an object as of `version`: the fields that were set, or the `whole` model. Raises VersionMismatch."""
        headers = JSON | if_match(version)
        body = body_of(model, exclude_unset=not whole)
        reply = await self._client.send_operation(operation, path_params=path_params, headers=headers, body=body)
        return decode_reply(reply, answer)


def body_of(model: RequestBody, *, exclude_unset: bool = False) -> bytes:
    """Return the model as the body of a request."""
    return model.model_dump_json(exclude_unset=exclude_unset).encode()


def if_match(version: int) -> dict[str, str]:
    """Return the header that makes a change conditional on `version`."""
    return {"if-match": f'"v{version}"'}


def params_of(**values: str | int | None) -> Params:
    """Return query parameters; None and empty text are left out."""
    return [(key, replace_surrogates(str(value))) for key, value in values.items() if value is not None and value != ""]
