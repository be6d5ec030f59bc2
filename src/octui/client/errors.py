"""What a call can end in. Screens translate `code`; the English sentence is for commands and logs."""

from octui.schema.problems import FieldProblem, Problem


class ClientError(Exception):
    """Any call that brought no answer one can use. `code` is stable; `str()` is one English sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class BadAddress(ClientError):
    """The address of the service cannot be used: `not_a_url`, `not_encrypted`, `secret_in_url`, `bad_token`,
    `not_own_socket`. Nothing has been sent."""


class Unreachable(ClientError):
    """No answer of the service: `connect`, `timeout`, `broken_off`, `gateway` (a proxy answered for it).

    `maybe_done`: the request may have reached the service before the connection was lost.
    """

    def __init__(self, code: str, sentence: str, *, maybe_done: bool = False) -> None:
        super().__init__(code, sentence)
        self.maybe_done = maybe_done


class BadAnswer(ClientError):
    """Something answered, but not as the service does: `not_json`, `shape`, `redirect`, `too_large`, `status`."""


class SignInNeeded(ClientError):
    """401: no token, or one that is no longer valid."""

    def __init__(self, sentence: str = "Sign in again: octui login") -> None:
        super().__init__("unauthenticated", sentence)


class Throttled(ClientError):
    """429, still after the retries: the service asks for `retry_after` seconds of silence (at most 300; its own
    sentence may name more). `busy`: only because too many others asked at this moment."""

    def __init__(self, retry_after: float, sentence: str = "", *, busy: bool = False) -> None:
        super().__init__("throttled", sentence or f"The service asks to wait {retry_after:.0f} s.")
        self.busy = busy
        self.retry_after = retry_after


class Refused(ClientError):
    """The service said no, with a problem: `problem.code` says why, `field_errors` which fields.

    `retry_after`: seconds the service asked to wait (503), None if it named none.
    """

    def __init__(self, problem: Problem, retry_after: float | None = None) -> None:
        super().__init__(problem.code, problem.detail or problem.title)
        self.problem = problem
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        return self.problem.status

    @property
    def field_errors(self) -> dict[str, FieldProblem]:
        """The refused fields by path (`edits.3.cti_id`); the first problem of each."""
        found: dict[str, FieldProblem] = {}
        for error in self.problem.errors:
            found.setdefault(error.field, error)
        return found


class VersionMismatch(Refused):
    """412: somebody else was faster; `current` is the present state of the object, None if it was not sent."""

    @property
    def current(self) -> dict[str, object] | None:
        return self.problem.current
