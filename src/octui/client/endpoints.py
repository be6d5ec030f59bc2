"""What the calls of every menu share: how a body, a version and query parameters are sent."""

from octui.client.retrying import Caller, Done, Params, sendable
from octui.schema.common import Sent

SLOW_DEADLINE_S = 120.0
PAGE = 200
JSON = {"content-type": "application/json"}


class Calls:
    """Operations sent through one `Caller`."""

    _caller: Caller

    async def _send(self, name: str, model: Sent, *, deadline: float | None = None, **names: str) -> Done:
        return await self._caller.call(name, names=names, headers=JSON, body=body_of(model), deadline=deadline)

    async def _change(self, name: str, model: Sent, version: int, **names: str) -> Done:
        """Send a change of an object as of `version`: only the fields that were set. Raises VersionMismatch."""
        body = body_of(model, exclude_unset=True)
        return await self._caller.call(name, names=names, headers=JSON | if_match(version), body=body)


def body_of(model: Sent, *, exclude_unset: bool = False) -> bytes:
    """The model as the body of a request."""
    return model.model_dump_json(exclude_unset=exclude_unset).encode()


def if_match(version: int) -> dict[str, str]:
    """The header that makes a change conditional on `version`."""
    return {"if-match": f'"v{version}"'}


def params_of(**values: str | int | None) -> Params:
    """Query parameters; None and empty text are left out."""
    return [(key, sendable(str(value))) for key, value in values.items() if value is not None and value != ""]
