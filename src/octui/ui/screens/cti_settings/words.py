"""Texts of the CTI settings: form fields, and conditions for phone (rules.md 20, 23)."""

from octui.schema.cti import CtiSettings, CtiVersion, Step
from octui.text.width import cell_width
from octui.ui.locale import N_, Words
from octui.ui.widgets.fields import Field

STEP_TITLES: dict[Step, str] = {
    Step.CONTRACT: N_("Contract"),
    Step.SETTINGS: N_("Settings"),
    Step.PERMISSION: N_("Phone"),
    Step.NUMBERS: N_("ID and NO"),
}
UNMET: dict[Step, str] = {
    Step.CONTRACT: N_("No phone in the contract"),
    Step.SETTINGS: N_("Settings incomplete"),
    Step.PERMISSION: N_("No phone permission"),
    Step.NUMBERS: N_("No CTI ID or NO"),
}
NOT_IN_USE = N_("Service not in use")
"""The missing condition where the contract has phone, but the service is not in use."""
READY = N_("ready")
_ROOM = 54  # Cells for the versions on 80 columns, beside the longest label.


def fields_of(settings: CtiSettings | None, t: Words) -> list[Field]:
    """Return the form's fields. A version whose flag is missing says why it cannot be used yet."""
    ipcc, mobile = t("IPCC (Private)"), t("Mobile Contact")
    none = [("", t("none yet"))] if settings is None or settings.cti_version is None else []
    versions = [*none, (CtiVersion.IPCC.value, ipcc), (CtiVersion.MOBILE_CONTACT.value, mobile)]
    if settings is not None and not settings.ipcc_agreed:
        ipcc += " - " + t("not agreed")
    if settings is not None and not settings.mobile_contact_activated:
        mobile += " - " + t("not activated")
    explained = [*none, (CtiVersion.IPCC.value, ipcc), (CtiVersion.MOBILE_CONTACT.value, mobile)]
    if sum(cell_width(text) + 2 for _, text in explained) <= _ROOM:  # Else only the field of the flags, below, says it.
        versions = explained
    onoff = (("on", t("On")), ("off", t("Off")))
    return [
        Field("cti_version", t("CTI version"), options=tuple(versions)),
        Field("tenant_id", t("Tenant ID")),
        Field("tenant_name", t("Tenant name")),
        Field("monitoring", t("CTI log monitoring"), "off", options=onoff),
        Field("retention_years", t("CTI log kept (years)"), wrong=t("is a number of years from 1 to 100")),
        Field("flags", t("Set by the operator"), fixed=True),
    ]


def form_texts(settings: CtiSettings, t: Words) -> dict[str, str]:
    """Return the settings as the texts of the form's fields."""
    agreed = t("yes") if settings.ipcc_agreed else t("no")
    activated = t("yes") if settings.mobile_contact_activated else t("no")
    return {
        "cti_version": settings.cti_version.value if settings.cti_version else "",
        "tenant_id": settings.tenant_id,
        "tenant_name": settings.tenant_name,
        "monitoring": "on" if settings.monitoring else "off",
        "retention_years": str(settings.retention_years),
        "flags": t("IPCC agreed: {agreed}   Mobile Contact activated: {activated}", agreed=agreed, activated=activated),
    }
