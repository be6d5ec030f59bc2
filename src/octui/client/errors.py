"""Errors of requests. Screens translate `code`; the English sentence is for commands and logs."""

from octui.schema.problems import FieldProblem, Problem


class ClientError(Exception):
    """A request without a usable answer. `code` is stable; `str()` is one English sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class BadAddress(ClientError):
    """An address that cannot be used; nothing has been sent.

    Codes: `not_a_url`, `not_encrypted`, `secret_in_url`, `bad_token`, `not_own_socket`.
    """


class Unreachable(ClientError):
    """No answer of the server: `connect`, `timeout`, `broken_off`, `gateway` (a proxy answered for it).

    `maybe_done`: the request may have reached the server before the connection was lost.
    """

    def __init__(self, code: str, sentence: str, *, maybe_done: bool = False) -> None:
        super().__init__(code, sentence)
        self.maybe_done = maybe_done


class BadAnswer(ClientError):
    """An answer that is not the server's: `not_json`, `shape`, `redirect`, `too_large`, `status`."""


class SignInNeeded(ClientError):
    """Status 401: no token, or one that is no longer valid."""

    def __init__(self, sentence: str = "Sign in again: octui login") -> None:
        super().__init__("unauthenticated", sentence)


class Throttled(ClientError):
    """Status 429 after all retries: the server asks to wait `retry_after` seconds (at most 300).

    Its own sentence may name more. `busy`: only because too many others asked at this moment.
    """

    def __init__(self, retry_after: float, sentence: str = "", *, busy: bool = False) -> None:
        super().__init__("throttled", sentence or f"The service asks to wait {retry_after:.0f} s.")
        self.busy = busy
        self.retry_after = retry_after


class Refused(ClientError):
    """A refusal with a problem: `problem.code` says why, `field_errors` which fields.

    `retry_after`: the seconds that the server asked to wait (503), None if it named none.
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
        """The refused fields by path (`edits.3.cti_id`), the first problem of each."""
        problems: dict[str, FieldProblem] = {}
        for error in self.problem.errors:
            problems.setdefault(error.field, error)
        return problems


class VersionMismatch(Refused):
    """Status 412: the object was changed meanwhile; `current` is its present state, None if it was not sent."""

    @property
    def current(self) -> dict[str, object] | None:
        return self.problem.current
