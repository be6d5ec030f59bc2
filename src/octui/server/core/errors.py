"""Errors that rules and stores raise; web/problems.py turns each into one problem (schema/problems.py)."""

from pydantic import BaseModel

from octui.schema.problems import Code, FieldCode, FieldProblem


class ProblemError(Exception):
    """A refused request: a stable code, an HTTP status and a sentence.

    `current` is the object's present state on 412. `retry_after` (seconds) is set where trying again later helps.
    """

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
    """Return a 422 with one refused field."""
    return ProblemError(
        Code.INVALID, 422, message, [FieldProblem(field=field, code=code, message=message, holder=holder)]
    )


def already_exists(field: str, message: str, holder: str | None = None) -> ProblemError:
    """Return a 409 with the field whose value is taken."""
    problem = FieldProblem(field=field, code=FieldCode.TAKEN.value, message=message, holder=holder)
    return ProblemError(Code.ALREADY_EXISTS, 409, message, [problem])


def version_mismatch(message: str, current: BaseModel) -> ProblemError:
    """Return a 412 with the present state of the object."""
    return ProblemError(Code.VERSION_MISMATCH, 412, message, current=current.model_dump(mode="json"))


def not_found() -> ProblemError:
    """Return a 404, also for objects the caller may not know of, so that both look the same."""
    return ProblemError(Code.NOT_FOUND, 404, "There is no such object.")


def not_allowed(detail: str = "Your role does not allow this.") -> ProblemError:
    """Return a 403."""
    return ProblemError(Code.FORBIDDEN, 403, detail)


def too_many_requests(code: Code, reason: str, seconds: int) -> ProblemError:
    """Return a 429 that says to try again in `seconds`; nothing has been done."""
    error = ProblemError(code, 429, f"{reason}: try again in {seconds} s.")
    error.retry_after = seconds
    return error


class StoreError(ProblemError):
    """The database refuses: it is busy, full, read-only, broken, or from a newer version (database/errors.py)."""
