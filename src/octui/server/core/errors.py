"""What rules and store raise; routes turn each into one problem (schema/problems.py)."""

from octui.schema.problems import Code, FieldProblem


class ProblemError(Exception):
    """A refusal with a stable code, an HTTP status and a sentence; `current` is the object's present state on 412.
    `retry_after` (seconds) is set where trying again later helps."""

    retry_after: int | None = None

    def __init__(
        self,
        code: Code,
        status: int,
        detail: str = "",
        errors: list[FieldProblem] | None = None,
        current: dict[str, object] | None = None,
    ) -> None:
        super().__init__(detail or code.value)
        self.code = code
        self.status = status
        self.detail = detail
        self.errors = errors or []
        self.current = current


def invalid_field(field: str, code: str, message: str, holder: str | None = None) -> ProblemError:
    """422 with one refused field."""
    return ProblemError(
        Code.INVALID, 422, message, [FieldProblem(field=field, code=code, message=message, holder=holder)]
    )


def not_found() -> ProblemError:
    """404: also for objects the caller may not know of, so that both look the same."""
    return ProblemError(Code.NOT_FOUND, 404, "There is no such object.")


def not_allowed(detail: str = "Your role does not allow this.") -> ProblemError:
    """403."""
    return ProblemError(Code.FORBIDDEN, 403, detail)


def too_many_requests(code: Code, what: str, seconds: int) -> ProblemError:
    """429: come again in so many seconds; nothing has been done."""
    error = ProblemError(code, 429, f"{what}: try again in {seconds} s.")
    error.retry_after = seconds
    return error


class StoreError(ProblemError):
    """The database cannot do it now: busy, full, read-only, broken, from a newer version. One clear line each."""
