"""People, roles and CTI IDs of the demo center; the same for the same seed."""

import random
from dataclasses import dataclass, field

from octui.schema.agents import NewAgent, Role
from octui.schema.cti import CtiSettingsChange, CtiVersion
from octui.schema.members import NewMember
from octui.schema.organization import NewOrganization, OrganizationChange

# (Hangul, romanized, weight): the most common family names with their share in the census.
_FAMILIES = (
    ("김", "kim", 215), ("이", "lee", 147), ("박", "park", 84), ("최", "choi", 47), ("정", "jung", 44),
    ("강", "kang", 24), ("조", "cho", 21), ("윤", "yoon", 21), ("장", "jang", 20), ("임", "lim", 17),
    ("한", "han", 16), ("오", "oh", 15), ("서", "seo", 15), ("신", "shin", 15), ("권", "kwon", 14),
    ("황", "hwang", 14), ("안", "ahn", 14), ("송", "song", 14), ("홍", "hong", 11), ("남궁", "namgung", 1),
)  # fmt: skip
_FIRST = (
    ("민", "min"), ("서", "seo"), ("지", "ji"), ("현", "hyun"), ("수", "su"), ("예", "ye"), ("하", "ha"),
    ("도", "do"), ("준", "jun"), ("은", "eun"), ("유", "yu"), ("채", "chae"), ("태", "tae"), ("가", "ga"),
)  # fmt: skip
_SECOND = (
    ("수", "su"), ("준", "jun"), ("연", "yeon"), ("우", "woo"), ("진", "jin"), ("아", "a"), ("윤", "yun"),
    ("호", "ho"), ("영", "young"), ("희", "hee"), ("민", "min"), ("석", "seok"), ("린", "rin"), ("경", "kyung"),
)  # fmt: skip

AGENT, SUPERVISOR, ADMIN = "minsu.kim", "jiwoo.choi", "seoyeon.han"
"""The three people that `octui demo --as` offers."""


@dataclass(frozen=True)
class Post:
    """A member's role in one service."""

    service: str
    agent: NewAgent


@dataclass
class Center:
    """A center to set up, as models of the API. `cti` is (account, CTI ID, CTI NO)."""

    organization: NewOrganization
    flags: OrganizationChange
    cti_settings: CtiSettingsChange
    members: list[NewMember] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    cti: list[tuple[str, str, str]] = field(default_factory=list)


def build_center(agents: int, seed: int = 1) -> Center:
    """Return a center with `agents` agents (at least 1) in three services; the services are in `history.STORY`.

    Agents of cs and tech have phone, every fifth of them also chat; those of shop have only chat.
    """
    dice = random.Random(seed)
    center = Center(
        NewOrganization(
            name="한빛 고객센터",
            domain="hanbit",
            admin_account=ADMIN,
            admin_name="한서연",
            admin_email=f"{ADMIN}@hanbit.test",
        ),
        OrganizationChange(ipcc_agreed=True),
        CtiSettingsChange(
            cti_version=CtiVersion.IPCC, tenant_id="HANBIT01", tenant_name="한빛 고객센터", monitoring=True
        ),
    )
    used_accounts = {ADMIN, SUPERVISOR, AGENT}

    def add_person(account: str, name: str, posts: list[Post]) -> None:
        center.members.append(NewMember(account=account, name=name, email=f"{account}@hanbit.test"))
        center.posts.extend(posts)

    add_person(
        SUPERVISOR,
        "최지우",
        [Post(service, NewAgent(account=SUPERVISOR, role=Role.ADMIN, ticket=True)) for service in ("cs", "tech")],
    )
    for number in range(agents):
        if number == 0:
            account, name, service = AGENT, "김민수", "cs"
        else:
            account, name = _random_person(dice, used_accounts)
            service = dice.choices(("cs", "tech", "shop"), weights=(5, 3, 2))[0]
        phone = service != "shop"
        chat = not phone or number % 5 == 0
        post = NewAgent(account=account, role=Role.AGENT, ticket=True, chat=chat, phone=phone)
        add_person(account, name, [Post(service, post)])
        # Some have not been given an ID yet, so that the table shows what an admin has to do.
        if phone and (number == 0 or dice.random() < 0.96):
            center.cti.append((account, f"{service}{1000 + number}", f"{7000 + number}"))
    return center


def _random_person(dice: random.Random, used_accounts: set[str]) -> tuple[str, str]:
    family = dice.choices(_FAMILIES, weights=[weight for _, _, weight in _FAMILIES])[0]
    first, second = dice.choice(_FIRST), dice.choice(_SECOND)
    account = base = f"{first[1]}{second[1]}.{family[1]}"
    number = 2
    while account in used_accounts:
        account = f"{base}{number}"
        number += 1
    used_accounts.add(account)
    return account, family[0] + first[0] + second[0]
