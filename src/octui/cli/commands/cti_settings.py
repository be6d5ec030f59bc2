"""`octui cti settings`: version, tenant, monitoring, how long the CTI log is kept."""

import argparse

from octui.cli.connection import service_of
from octui.cli.failures import CommandError, say
from octui.cli.options import add_connection
from octui.cli.output import write_json, write_table
from octui.client.api import Api
from octui.schema.cti import CtiSettings, CtiSettingsChange, CtiVersion

_VERSIONS = {"ipcc": CtiVersion.IPCC, "mobile-contact": CtiVersion.MOBILE_CONTACT}
_ON = {"on": True, "off": False}


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments after `octui cti settings`."""
    parser.epilog = (
        "examples:\n  octui cti settings --json\n"
        "  octui cti settings set --version ipcc --tenant-id T1001 --tenant-name Hanbit"
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true")
    _connection(parser)
    changed = parser.add_subparsers(dest="change", metavar="set").add_parser(
        "set",
        help="change them",
        epilog="example: octui cti settings set --monitoring on --retention-years 3",
        argument_default=argparse.SUPPRESS,  # or else it would undo what stands before `set`
    )
    changed.add_argument("--version", choices=sorted(_VERSIONS), help="IPCC (Private) or Mobile Contact")
    changed.add_argument("--tenant-id", metavar="ID")
    changed.add_argument("--tenant-name", metavar="NAME")
    changed.add_argument("--monitoring", choices=sorted(_ON), help="whether CTI events are kept in the CTI log")
    changed.add_argument("--retention-years", type=int, metavar="N", help="how long the CTI log is kept: 1 to 100")
    _connection(changed)


def _connection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--service", metavar="ID", help="default: the first with the phone in its contract")
    add_connection(parser)


async def run(api: Api, given: argparse.Namespace) -> int:
    """Show or change the settings."""
    service = await service_of(api, given, phone=True)
    settings = await api.cti_settings(service)
    if given.change == "set":
        settings = await api.change_cti_settings(service, _wanted(given), settings.version)
        say("the CTI settings are complete." if settings.complete else f"saved; {_what_is_missing(settings)}.")
    elif given.json:
        write_json(settings.model_dump(mode="json"))
    else:
        write_table(("setting", "value"), _rows(settings))
    return 0


def _wanted(given: argparse.Namespace) -> CtiSettingsChange:
    said = vars(given)
    values: dict[str, object] = {
        name: said[name] for name in ("tenant_id", "tenant_name", "retention_years") if name in said
    }
    if "version" in said:
        values["cti_version"] = _VERSIONS[said["version"]]
    if "monitoring" in said:
        values["monitoring"] = _ON[said["monitoring"]]
    if not values:
        raise CommandError("say what to change: octui cti settings set --help", 2)
    return CtiSettingsChange.model_validate(values)


def _what_is_missing(settings: CtiSettings) -> str:
    missing = [
        name
        for name, there in (
            ("a version", settings.cti_version),
            ("the tenant ID", settings.tenant_id),
            ("the tenant name", settings.tenant_name),
        )
        if not there
    ]
    # Only the flag can be missing then: it was taken back after the version had been chosen.
    return f"nobody can log in to CTI without {' and '.join(missing) or 'the agreement or activation it needs'}"


def _rows(settings: CtiSettings) -> list[tuple[str, str]]:
    def yes(flag: bool) -> str:
        return "yes" if flag else "no"

    version = next((name for name, one in _VERSIONS.items() if one is settings.cti_version), "-")
    return [
        ("version", version),
        ("tenant ID", settings.tenant_id or "-"),
        ("tenant name", settings.tenant_name or "-"),
        ("monitoring", "on" if settings.monitoring else "off"),
        ("CTI log kept, years", str(settings.retention_years)),
        ("IPCC agreed", yes(settings.ipcc_agreed)),
        ("Mobile Contact activated", yes(settings.mobile_contact_activated)),
        ("complete", yes(settings.complete)),
    ]
