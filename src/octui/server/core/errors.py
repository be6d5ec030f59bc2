"""What rules and store raise; routes turn each into one problem (schema/problems.py)."""

from octui.schema.problems import Code, FieldProblem


class ServiceError(Exception):
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


def invalid(field: str, code: str, message: str, holder: str | None = None) -> ServiceError:
    """422 with one refused field."""
    return ServiceError(
        Code.INVALID, 422, message, [FieldProblem(field=field, code=code, message=message, holder=holder)]
    )


def not_found() -> ServiceError:
    """404: also for objects the caller may not know of, so that both look the same."""
    return ServiceError(Code.NOT_FOUND, 404, "There is no such object.")


def forbidden(detail: str = "Your role does not allow this.") -> ServiceError:
    """403."""
    return ServiceError(Code.FORBIDDEN, 403, detail)


def too_many(code: Code, what: str, seconds: int) -> ServiceError:
    """429: come again in so many seconds; nothing has been done."""
    error = ServiceError(code, 429, f"{what}: try again in {seconds} s.")
    error.retry_after = seconds
    return error


class StoreError(ServiceError):
    """The database cannot do it now: busy, full, read-only, broken, from a newer version. One clear line each."""
