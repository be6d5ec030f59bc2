"""`octui init`: create the organization and its first admin."""

import argparse

from octui.cli.connection import add_api_command
from octui.cli.failures import say
from octui.client.api import Api
from octui.schema.organization import NewOrganization


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "example: octui init --organization '한빛 고객센터' --domain hanbit"
        " --admin hong --name 홍길동 --email hong@hanbit.kr"
    )
    parser.add_argument("--organization", required=True, metavar="NAME")
    parser.add_argument("--domain", required=True, help="3-40 letters, digits, hyphens; goes into the URL")
    parser.add_argument("--admin", required=True, metavar="ACCOUNT", help="the first organization admin")
    parser.add_argument("--name", required=True, help="the admin's name")
    parser.add_argument("--email", required=True)
    parser.add_argument("--time-zone", default="Asia/Seoul", metavar="TZ")
    add_api_command(parser, create_organization, person=False)


async def create_organization(api: Api, arguments: argparse.Namespace) -> None:
    new = NewOrganization(
        name=arguments.organization,
        domain=arguments.domain,
        admin_account=arguments.admin,
        admin_name=arguments.name,
        admin_email=arguments.email,
        time_zone=arguments.time_zone,
    )
    organization = await api.create_organization(new)
    say(f"organization {organization.name} ({organization.id}) is there; {arguments.admin} is its admin.")
