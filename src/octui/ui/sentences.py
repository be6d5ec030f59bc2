"""Sentences about errors and freshness in the reader's language: what happened, in which field, what to do."""

from octui.client.errors import BadAddress, BadAnswer, ClientError, Refused, SignInNeeded, Throttled, Unreachable
from octui.schema.problems import Code, FieldCode, FieldProblem
from octui.state.freshness import Judgement, Level
from octui.text.glyphs import glyphs
from octui.ui.locale import N_, Words

_CODES: dict[str, str] = {
    Code.FORBIDDEN: N_("Your role does not allow this."),
    Code.NO_PHONE_CONTRACT: N_("The contract of this service has no phone (CTI)."),
    Code.NO_CTI_SETTINGS: N_("CTI settings are not complete: an organization admin sets version and tenant."),
    Code.NO_PHONE_PERMISSION: N_("You have no phone permission in this service."),
    Code.NO_CTI_NUMBERS: N_("You have no CTI ID or CTI NO yet: an admin sets them."),
    Code.NOT_FOUND: N_("It is not there (any more)."),
    Code.ALREADY_EXISTS: N_("There is one already."),
    Code.CONFLICT: N_("Somebody else changed it at the same time. Look again."),
    Code.LAST_ADMIN: N_("This is the last organization admin: make another one first."),
    Code.ONESELF: N_("Not oneself: another organization admin has to do this."),
    Code.SERVICE_NOT_IN_USE: N_("The service is not in use, so nobody works in it."),
    Code.SERVICE_TERMINATED: N_("The service is terminated: nothing of it changes any more."),
    Code.NOT_SUSPENDED: N_("Only a suspended service is terminated: suspend it first."),
    Code.NOT_REGISTERED: N_("The service is a draft: register its contract first."),
    Code.NOT_A_DRAFT: N_("The service has a contract: suspend and terminate it instead."),
    Code.CONTRACT_CHANGED_TODAY: N_("The contract was edited today; it can be edited once a day."),
    Code.KEY_ALREADY_SHOWN: N_("The key has been shown already; who does not have it changes it."),
    Code.KEY_FILE_UNUSABLE: N_("The service cannot use its key file: its operator has to look."),
    Code.VERSION_MISMATCH: N_("Somebody else changed it meanwhile. What is there now is shown; try again."),
    Code.TOO_LARGE: N_("That is too much at once."),
    Code.NOT_READY: N_("The service is not ready yet."),
    Code.STORAGE_BUSY: N_("The database is busy; try again in a moment. Nothing is lost."),
    Code.STORAGE_FULL: N_("The disk is full; nothing was saved. Make room and try again."),
    Code.STORAGE_READ_ONLY: N_("The database cannot be written; nothing was saved."),
    Code.STORAGE_FAILED: N_("The database failed; nothing was saved."),
    Code.INTERNAL: N_("The service failed; nothing was saved. Its log says more."),
}

_FIELDS: dict[str, str] = {
    FieldCode.MISSING: N_("is missing"),
    FieldCode.TYPE: N_("is not of the right kind"),
    FieldCode.TOO_LONG: N_("is too long"),
    FieldCode.TOO_SHORT: N_("is too short"),
    FieldCode.CONTROL_CHARACTER: N_("has a control character; type it anew"),
    FieldCode.INVISIBLE_CHARACTER: N_("has an invisible character; type it anew"),
    FieldCode.DIRECTION_CHARACTER: N_("has a character that turns the writing round; type it anew"),
    FieldCode.COMBINING_MARKS: N_("has too many marks on one letter"),
    FieldCode.BLANK: N_("is blank"),
    FieldCode.OUTER_SPACE: N_("begins or ends with a space"),
    FieldCode.PATTERN: N_("has a character that is not allowed here"),
    FieldCode.TAKEN: N_("is taken by {holder}"),
    FieldCode.DUPLICATE: N_("stands twice, also at {holder}"),
    FieldCode.UNKNOWN_VALUE: N_("is not one of the possible values"),
    FieldCode.RANGE: N_("is out of range"),
    FieldCode.COMMON: N_("is too easily guessed"),
    FieldCode.WRONG: N_("is not right"),
    FieldCode.ALWAYS_ON: N_("need the ticket item, which is always on"),
    FieldCode.COUNTED_BY: N_("stays: figures were counted by its days already"),
    FieldCode.TOO_LARGE: N_("is larger than 2 MiB"),
    FieldCode.NOT_AN_IMAGE: N_("is neither a PNG nor a JPEG"),
    FieldCode.BROKEN_IMAGE: N_("is broken or cut off"),
    FieldCode.TOO_MANY_PIXELS: N_("has more than 4 megapixels"),
    FieldCode.ANIMATED_IMAGE: N_("is animated; send a picture that does not move"),
    FieldCode.NOT_AGREED: N_(
        "needs an agreement first; then the operator runs: octui organization set --ipcc-agreed yes"
    ),
    FieldCode.NOT_ACTIVATED: N_(
        "has to be activated first; then the operator runs: octui organization set --mobile-contact-activated yes"
    ),
}


def field_words(code: FieldCode, t: Words) -> str:
    """Return the phrase for a field error's code, if it needs no field name."""
    return t(_FIELDS[code])


def field_sentence(problem: FieldProblem, t: Words) -> str:
    """Return the sentence about a field error, without the field's name."""
    message = _FIELDS.get(problem.code)
    return t(message, holder=problem.holder or "?") if message else problem.message


def error_sentence(error: ClientError, t: Words) -> str:
    """Return one sentence for a failed request."""
    match error:
        case SignInNeeded():
            return t("Sign in again: octui login")
        case Throttled():
            return t("The service asks to wait {seconds} s.", seconds=int(error.retry_after))
        case Refused():
            first = error.problem.errors[0] if error.problem.errors else None
            if first is not None and (first.code != FieldCode.TAKEN or first.holder):
                return f"{first.field}: {field_sentence(first, t)}"
            return t(_CODES[error.code]) if error.code in _CODES else str(error)
        case Unreachable():
            if error.maybe_done:
                return t("The connection broke off; it is not certain whether it was done. Look again.")
            return t("The service cannot be reached. It is tried again.")
        case BadAnswer():
            return t("Something else than octui's service answered.")
        case BadAddress():
            return t("The address of the service cannot be used: {reason}", reason=str(error))
        case _:
            return str(error)


def health_sentence(judgement: Judgement, t: Words) -> str:
    """Return how fresh the figures on screen are: `live`, or their age."""
    age = judgement.age_seconds
    match judgement.level:
        case Level.FRESH:
            return t("live")
        case Level.LATE:
            return t("late {age}", age=age_sentence(age, t))
        case Level.STALE:
            return t("{age} old", age=age_sentence(age, t))
        case Level.LOST:
            return t("no connection, {age} old", age=age_sentence(age, t))


def age_sentence(seconds: float | None, t: Words) -> str:
    """Return a duration in one unit, such as 5 s; a dash if it is unknown."""
    if seconds is None:
        return glyphs().unknown
    if seconds < 60:
        return t("{count} s", count=int(seconds))
    if seconds < 3600:
        return t("{count} min", count=int(seconds // 60))
    return t("{count} h", count=int(seconds // 3600))
