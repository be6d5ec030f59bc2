"""Errors as the API sends them: problems of RFC 9457."""

from enum import StrEnum

from octui.schema.common import Answer


class Code(StrEnum):
    """Stable codes of problems; screens translate them, programs branch on them."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NO_PHONE_CONTRACT = "no_phone_contract"
    NO_CTI_SETTINGS = "no_cti_settings"
    NO_PHONE_PERMISSION = "no_phone_permission"
    NO_CTI_NUMBERS = "no_cti_numbers"
    NOT_FOUND = "not_found"
    ALREADY_EXISTS = "already_exists"
    CONFLICT = "conflict"
    LAST_ADMIN = "last_admin"
    ONESELF = "oneself"
    KEY_ALREADY_SHOWN = "key_already_shown"
    KEY_FILE_UNUSABLE = "key_file_unusable"
    SERVICE_NOT_IN_USE = "service_not_in_use"
    SERVICE_TERMINATED = "service_terminated"
    NOT_SUSPENDED = "not_suspended"
    NOT_REGISTERED = "not_registered"
    NOT_A_DRAFT = "not_a_draft"
    CONTRACT_CHANGED_TODAY = "contract_changed_today"
    VERSION_MISMATCH = "version_mismatch"
    VERSION_REQUIRED = "version_required"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"
    TOO_LARGE = "too_large"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    TOO_BUSY = "too_busy"
    NOT_READY = "not_ready"
    STORAGE_BUSY = "storage_busy"
    STORAGE_FULL = "storage_full"
    STORAGE_READ_ONLY = "storage_read_only"
    STORAGE_FAILED = "storage_failed"
    INTERNAL = "internal"


class FieldCode(StrEnum):
    """Why a field was refused."""

    MISSING = "missing"
    UNKNOWN_FIELD = "unknown_field"
    TYPE = "type"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    CONTROL_CHARACTER = "control_character"
    INVISIBLE_CHARACTER = "invisible_character"
    DIRECTION_CHARACTER = "direction_character"
    COMBINING_MARKS = "combining_marks"
    BLANK = "blank"
    OUTER_SPACE = "outer_space"
    PATTERN = "pattern"
    TAKEN = "taken"
    DUPLICATE = "duplicate"
    UNKNOWN_VALUE = "unknown_value"
    RANGE = "range"
    COMMON = "common"
    WRONG = "wrong"
    ALWAYS_ON = "always_on"
    COUNTED_BY = "counted_by"
    TOO_LARGE = "too_large"
    NOT_AN_IMAGE = "not_an_image"
    BROKEN_IMAGE = "broken_image"
    TOO_MANY_PIXELS = "too_many_pixels"
    ANIMATED_IMAGE = "animated_image"
    NOT_AGREED = "not_agreed"
    NOT_ACTIVATED = "not_activated"


class FieldProblem(Answer):
    """A refused field: its path (`edits.3.cti_id`), a code, a sentence, and who holds the value if it is taken."""

    field: str
    code: str
    message: str
    holder: str | None = None


class Problem(Answer):
    """A problem+json body (RFC 9457). `current` is the present state of the object on 412."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""
    errors: list[FieldProblem] = []
    current: dict[str, object] | None = None
