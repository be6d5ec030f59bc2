"""`octui cti settings`: version, tenant, monitoring, how long the CTI log is kept."""

import argparse

from octui.cli.connection import add_api_command, service_of
from octui.cli.failures import WRONG_USE, CommandError, say
from octui.cli.output import write_json, write_table
from octui.client.api import Api
from octui.schema.cti import CtiSettings, CtiSettingsChange, CtiVersion

_VERSIONS = {"ipcc": CtiVersion.IPCC, "mobile-contact": CtiVersion.MOBILE_CONTACT}
_SWITCH = {"on": True, "off": False}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples:\n  octui cti settings --json\n"
        "  octui cti settings set --version ipcc --tenant-id T1001 --tenant-name Hanbit"
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true")
    change = parser.add_subparsers(metavar="set").add_parser(
        "set",
        help="change them",
        epilog="example: octui cti settings set --monitoring on --retention-years 3",
        argument_default=argparse.SUPPRESS,  # a default of `set` would replace what stands before it
    )
    change.add_argument("--version", choices=sorted(_VERSIONS), help="IPCC (Private) or Mobile Contact")
    change.add_argument("--tenant-id", metavar="ID")
    change.add_argument("--tenant-name", metavar="NAME")
    change.add_argument("--monitoring", choices=sorted(_SWITCH), help="whether CTI events are kept in the CTI log")
    change.add_argument("--retention-years", type=int, metavar="N", help="how long the CTI log is kept: 1 to 100")
    for subparser, handler in ((parser, show_settings), (change, change_settings)):
        subparser.add_argument("--service", metavar="ID", help="default: the first with the phone in its contract")
        add_api_command(subparser, handler)


async def show_settings(api: Api, arguments: argparse.Namespace) -> None:
    settings = await api.cti_settings(await service_of(api, arguments, phone=True))
    if arguments.json:
        write_json(settings)
    else:
        write_table(("setting", "value"), _rows_of(settings))


async def change_settings(api: Api, arguments: argparse.Namespace) -> None:
    change = _requested_change(arguments)
    service = await service_of(api, arguments, phone=True)
    before = await api.cti_settings(service)
    settings = await api.change_cti_settings(service, change, before.version)
    say("the CTI settings are complete." if settings.complete else f"saved; {_missing_text(settings)}.")


def _requested_change(arguments: argparse.Namespace) -> CtiSettingsChange:
    options = vars(arguments)
    values: dict[str, object] = {
        name: options[name] for name in ("tenant_id", "tenant_name", "retention_years") if name in options
    }
    if "version" in options:
        values["cti_version"] = _VERSIONS[options["version"]]
    if "monitoring" in options:
        values["monitoring"] = _SWITCH[options["monitoring"]]
    if not values:
        raise CommandError("say what to change: octui cti settings set --help", WRONG_USE)
    return CtiSettingsChange.model_validate(values)


def _missing_text(settings: CtiSettings) -> str:
    missing = [
        label
        for label, value in (
            ("a version", settings.cti_version),
            ("the tenant ID", settings.tenant_id),
            ("the tenant name", settings.tenant_name),
        )
        if not value
    ]
    # With all three, only the agreement or activation can be missing: it was withdrawn after the version was chosen.
    return f"nobody can log in to CTI without {' and '.join(missing) or 'the agreement or activation it needs'}"


def _rows_of(settings: CtiSettings) -> list[tuple[str, str]]:
    version = next((name for name, version in _VERSIONS.items() if version is settings.cti_version), "-")
    return [
        ("version", version),
        ("tenant ID", settings.tenant_id or "-"),
        ("tenant name", settings.tenant_name or "-"),
        ("monitoring", "on" if settings.monitoring else "off"),
        ("CTI log kept, years", str(settings.retention_years)),
        ("IPCC agreed", _yes_no(settings.ipcc_agreed)),
        ("Mobile Contact activated", _yes_no(settings.mobile_contact_activated)),
        ("complete", _yes_no(settings.complete)),
    ]


def _yes_no(flag: bool) -> str:
    return "yes" if flag else "no"
