"""CTI settings: which version may be chosen, when they are complete, how long the log is kept (rules.md 20, 21)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from octui.schema.audit import CtiSettingsValue
from octui.schema.common import LONGEST_CTI, LONGEST_NAME
from octui.schema.cti import CtiVersion
from octui.schema.problems import FieldCode
from octui.server.core.calendar import FIRST_DAY
from octui.server.core.errors import invalid_field
from octui.server.core.validation import validate_text
from octui.text.safe import normalize_name


@dataclass(frozen=True)
class Flags:
    """Flags that the operator set for the organization; a CTI version may be used only with its flag."""

    ipcc_agreed: bool = False
    mobile_contact_activated: bool = False

    def is_allowed(self, version: CtiVersion) -> bool:
        """Return whether the version may be used."""
        return self.ipcc_agreed if version is CtiVersion.IPCC else self.mobile_contact_activated


_WHAT_TO_DO = {
    CtiVersion.IPCC: (
        FieldCode.NOT_AGREED,
        "IPCC (Private) needs an agreement first; the operator then notes it: octui organization set --ipcc-agreed yes",
    ),
    CtiVersion.MOBILE_CONTACT: (
        FieldCode.NOT_ACTIVATED,
        "Mobile Contact has to be activated first; the operator then notes it: "
        "octui organization set --mobile-contact-activated yes",
    ),
}


def is_complete(settings: CtiSettingsValue, flags: Flags) -> bool:
    """Return whether agents can log in to CTI: an allowed version, tenant ID and tenant name are set (rules.md 23)."""
    version = settings.cti_version
    return version is not None and flags.is_allowed(version) and bool(settings.tenant_id and settings.tenant_name)


def changed_settings(settings: CtiSettingsValue, flags: Flags, edit: Mapping[str, Any]) -> CtiSettingsValue:
    """Return the settings with the values of `edit` (fields of CtiSettingsChange; None leaves one as it is).

    An empty tenant removes it. Raises 422 by field.
    """
    values = {name: value for name, value in edit.items() if value is not None}
    for name, longest in (("tenant_id", LONGEST_CTI), ("tenant_name", LONGEST_NAME)):
        if values.get(name):
            values[name] = validate_text(name, normalize_name(values[name]) or values[name], longest)
    after = settings.model_copy(update=values)
    version = after.cti_version
    if version is not None and version is not settings.cti_version and not flags.is_allowed(version):
        code, message = _WHAT_TO_DO[version]
        raise invalid_field("cti_version", code, message)
    return after


def first_day_kept(today: int, years: int) -> int:
    """Return the oldest day (YYYYMMDD) whose CTI log is kept for `years`. For 29 February, one more day is kept."""
    year, month_and_day = divmod(today, 10_000)
    return max(FIRST_DAY, (year - years) * 10_000 + (228 if month_and_day == 229 else month_and_day))
