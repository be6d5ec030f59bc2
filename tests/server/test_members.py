"""Organization admins, members, invitations and user settings through the API, on both engines."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, insert, select, update

from octui.schema.agents import NewAgent, Role
from octui.schema.audit import OrganizationAdminRight
from octui.schema.live import CTI_ROWS, agents_topic
from octui.schema.members import NewMember
from octui.schema.problems import Code
from octui.schema.sessions import Kind
from octui.server.agents import store as agents_store
from octui.server.app import create_app
from octui.server.core.errors import ProblemError
from octui.server.core.principal import Principal
from octui.server.core.topics import me_topic
from octui.server.database import tables
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.server.identity import passwords, tokens
from octui.server.identity.authentication import issue_token
from octui.server.identity.hashing import Hasher
from octui.server.members import organization_admin_store
from octui.server.members import removal as members_removal
from octui.server.members import store as members_store
from octui.server.members.invitation_store import VALID_MS
from server.audit_values import INVITED, MEMBER, cti, rights
from server.clients import local_client, network_client
from server.conftest import NOW, Center, Clock
from server.test_people import log_lines

SECRET = "seven blue chairs sing"
NEW = {"account": "mina", "name": "이미나", "email": "mina@acme.example", "language": "ja"}
PASSING = NewMember(account="x", name="새", email="n@acme.example")


@pytest.fixture
def app(store: Store, center: Center) -> FastAPI:
    return create_app(store)


def count_rows(store: Store, name: str) -> int:
    table = tables.metadata.tables[name]
    return store.read(lambda connection: connection.scalar(select(func.count()).select_from(table)) or 0)


async def admin_accounts(client: httpx.AsyncClient) -> list[str]:
    return [one["account"] for one in (await client.get("/organization/admins")).json()["admins"]]


# --- organization admins --------------------------------------------------------------------------------------


async def test_a_change_of_organization_admins_counts_from_the_next_request(app: FastAPI, store: Store) -> None:
    async with (
        local_client(app, "admin", octui_via="screen") as admin,
        network_client(app, issue_token(store, "kim", 1)) as kim,
    ):
        assert (await kim.get("/organization/admins")).status_code == 403
        before = store.revisions([me_topic("kim")])[me_topic("kim")]
        held = (await admin.get("/organization/admins")).headers["etag"]
        made = await admin.post("/organization/admins", json={"account": "kim"})
        assert (made.status_code, made.json()) == (
            201,
            {"account": "kim", "name": "김민수", "email": "kim@acme.example"},
        )
        assert store.revisions([me_topic("kim")])[me_topic("kim")] == before + 1
        now = await admin.get("/organization/admins", headers={"If-None-Match": held})
        assert now.status_code == 200
        same = await admin.get("/organization/admins", headers={"If-None-Match": now.headers["etag"]})
        assert same.status_code == 304
        assert await admin_accounts(kim) == ["admin", "kim"]
        assert (await kim.get("/me")).json()["organization_admin"] is True
        again = await admin.post("/organization/admins", json={"account": "kim"})
        assert (again.status_code, again.json()["code"]) == (409, "already_exists")
        gone = await admin.delete("/organization/admins/kim")
        assert (gone.status_code, gone.content) == (204, b"")
        assert (await kim.get("/organization/admins")).status_code == 403
        assert (await kim.get("/me")).json()["organization_admin"] is False
    assert log_lines(store) == [
        ("organization_admin.added", "admin", "kim", "", None, OrganizationAdminRight()),
        ("organization_admin.removed", "admin", "kim", "", OrganizationAdminRight(), None),
    ]


async def test_an_organization_admin_without_a_role_cannot_work(app: FastAPI) -> None:
    """The right includes no role (rules.md 15)."""
    async with local_client(app, "admin") as admin:
        me = (await admin.get("/me")).json()
        assert (me["organization_admin"], me["services"]) == (True, [])
        refused = await admin.post("/services/oc/stats/admin/state", json={"kind": "login"})
        assert refused.status_code in (403, 404, 409, 422)


async def test_only_members_become_organization_admins(app: FastAPI, store: Store) -> None:
    async with local_client(app, "admin") as admin:
        unknown = await admin.post("/organization/admins", json={"account": "nobody"})
        assert unknown.status_code == 422
        assert [(e["field"], e["code"]) for e in unknown.json()["errors"]] == [("account", "unknown_value")]
    assert count_rows(store, "organization_admin") == 1


async def test_neither_oneself_nor_the_last_admin_can_be_removed(app: FastAPI, store: Store, center: Center) -> None:
    async with local_client(app, "admin") as admin, local_client(app) as operator:
        for client in (admin, operator):  # the operator speaks for the owner, who is this admin
            for path in ("/organization/admins/admin", "/members/admin"):
                refused = await client.delete(path)
                assert (refused.status_code, refused.json()["code"]) == (409, "oneself"), path
        for path in ("/organization/admins/kim", "/organization/admins/nobody", "/members/nobody"):
            assert (await admin.delete(path)).status_code == 404, path
        store.write(
            lambda change: change.connection.execute(update(tables.organization).values(owner_account="gone")),
            center.principal("admin"),
        )
        for path in ("/organization/admins/admin", "/members/admin"):
            refused = await operator.delete(path)
            assert (refused.status_code, refused.json()["code"]) == (409, "last_admin"), path
    assert log_lines(store) == []
    assert count_rows(store, "organization_admin") == 1


async def test_an_invited_admin_does_not_count_as_the_last_one(app: FastAPI, store: Store, center: Center) -> None:
    async with local_client(app) as operator:
        assert (await operator.post("/invitations", json=NEW)).status_code == 201
        assert (await operator.post("/organization/admins", json={"account": "mina"})).status_code == 201
        store.write(
            lambda change: change.connection.execute(update(tables.organization).values(owner_account="gone")),
            center.principal("admin"),
        )
        assert (await operator.delete("/organization/admins/admin")).json()["code"] == "last_admin"


ATTEMPTS = 1000
THREADS = 20


def test_many_simultaneous_removals_leave_one_admin(store: Store, center: Center) -> None:
    """Twenty admins, all allowed to at first, remove each other as admins or as members."""
    people = [f"boss{number}" for number in range(THREADS)]

    def appoint(change: Change) -> None:
        for account in people:
            new = NewMember(account=account, name=account, email=f"{account}@acme.example")
            center.members[account] = members_store.insert_member(change, new)
            center.names[account] = account
            organization_admin_store.add_admin(change, account)
        organization_admin_store.remove_right(change, center.members["admin"], "admin", "관리자")

    store.write(appoint, center.principal("admin"))
    start, outcomes, lock = threading.Barrier(THREADS), Counter[str](), threading.Lock()

    def remove_others(number: int) -> None:
        myself = center.principal(people[number])
        caller = Principal(myself.member_id, myself.account, myself.name, organization_admin=True)
        start.wait()
        for at in range(ATTEMPTS // THREADS):
            other = people[(number + 1 + at % (THREADS - 1)) % THREADS]
            work = members_removal.remove_member if at % 2 else organization_admin_store.remove_admin
            try:
                store.write(partial(work, account=other), caller)
                outcome = "done"
            except ProblemError as error:
                outcome = error.code.value
            with lock:
                outcomes[outcome] += 1

    threads = [threading.Thread(target=remove_others, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.total() == ATTEMPTS
    assert set(outcomes) <= {"done", "forbidden", "not_found"}
    left = store.read(organization_admin_store.list_admins).admins
    assert len(left) == 1
    removed = [entry for entry in log_lines(store) if entry[0] == "organization_admin.removed" and entry[2] != "admin"]
    assert len(removed) == THREADS - 1
    assert len({entry[2] for entry in removed} | {left[0].account}) == THREADS


def at_once(store: Store, *works: tuple[Principal, Callable[[Change], object]]) -> list[int]:
    """Run the works in threads that start together; return the statuses of those refused."""
    start, refusals = threading.Barrier(len(works)), []

    def run(caller: Principal, work: Callable[[Change], object]) -> None:
        start.wait()
        try:
            store.write(work, caller)
        except ProblemError as error:
            refusals.append(error.status)

    threads = [threading.Thread(target=run, args=args) for args in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refusals


def test_one_of_two_admins_who_remove_each_other_stays(store: Store, center: Center) -> None:
    """Repeat the smallest case fifty times."""
    a, b = center.principal("admin"), center.principal("kim")
    pair = [Principal(p.member_id, p.account, p.name, organization_admin=True) for p in (a, b)]
    for _ in range(50):
        for wanted in pair:
            if wanted.account not in [one.account for one in store.read(organization_admin_store.list_admins).admins]:
                operator = Principal(None, "", "", operator=True)
                add = partial(organization_admin_store.add_admin, account=wanted.account)
                store.write(add, operator)
        assert at_once(
            store,
            (pair[0], lambda change: organization_admin_store.remove_admin(change, pair[1].account)),
            (pair[1], lambda change: organization_admin_store.remove_admin(change, pair[0].account)),
        ) == [403]
        assert len(store.read(organization_admin_store.list_admins).admins) == 1


# --- members --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"name": "ㄱㅁ"}, ["kim"]),
        ({"name": "영희"}, ["lee"]),
        ({"account": "PAR"}, ["park"]),
        ({"email": "acme.example"}, ["admin", "choi", "kim", "lee", "park"]),
        ({"email": "acme.example", "name": "ㅊㅈ"}, ["choi"]),
        ({"name": "kim"}, []),
        ({"account": "김"}, []),
        ({"account": "%"}, []),
    ],
)
async def test_members_are_looked_up_by_every_part_given(app: FastAPI, parts: dict[str, str], found: list[str]) -> None:
    async with local_client(app, "choi") as choi:
        page = (await choi.get("/members/look-up", params=parts)).json()
        paged = (await choi.get("/members/look-up", params=parts | {"limit": 1})).json()
    assert [member["account"] for member in page["members"]] == found
    assert [member["account"] for member in paged["members"]] == found[:1]
    assert (paged["next"] is None) == (len(found) < 2)


@pytest.mark.parametrize("parts", [{}, {"name": ""}, {"name": " ", "account": "", "email": "  "}])
async def test_a_look_up_without_a_part_is_refused(app: FastAPI, parts: dict[str, str]) -> None:
    """See rules.md 17."""
    async with local_client(app, "admin") as admin:
        refused = await admin.get("/members/look-up", params=parts)
    assert refused.status_code == 422
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [("name", "missing")]


async def test_removing_a_member_leaves_only_the_log(app: FastAPI, store: Store, center: Center) -> None:
    token = issue_token(store, "kim", 1)
    principal = center.principal("kim")

    def give(change: Change) -> None:
        passwords.store_password(change, center.members["kim"], "x")
        change.connection.execute(insert(tables.organization_admin).values(member_id=center.members["kim"]))

    store.write(give, principal)
    async with local_client(app, "admin", octui_via="screen") as admin, network_client(app, token) as kim:
        assert (
            await admin.post("/services/chat/agents", json={"account": "kim", "role": "ROLE_FRONT_ADMIN"})
        ).is_success
        cells = {"edits": [{"account": "kim", "version": 1, "set": {"cti_id": "7001"}}]}
        saved = await admin.post("/services/oc/cti/batch", json=cells | {"all_or_nothing": False})
        assert saved.json()["saved"] == 1, saved.text
        assert (await kim.get("/me")).status_code == 200
        since = store.revisions([agents_topic("oc"), CTI_ROWS])
        heads = {code: (await admin.get(f"/services/{code}/agents/head")).json()["revision"] for code in ("oc", "chat")}
        assert (await admin.delete("/members/kim")).status_code == 204
        assert (await kim.get("/me")).status_code == 401
        assert (await admin.delete("/members/kim")).status_code == 404
        for code, revision in heads.items():
            page = (await admin.get(f"/services/{code}/agents", params={"changed_since": revision})).json()
            assert page["removed"] == ["kim"], code
        assert "kim" not in [row["account"] for row in (await admin.get("/services/oc/cti/agents")).json()["agents"]]
        assert await admin_accounts(admin) == ["admin"]
        assert all(now > since[topic] for topic, now in store.revisions(list(since)).items())
        found = (await admin.get("/members", params={"query": "kim"})).json()["members"]
        assert found == []
    assert (count_rows(store, "password"), count_rows(store, "token")) == (0, 0)
    assert log_lines(store)[-5:] == [
        ("organization_admin.removed", "admin", "kim", "", OrganizationAdminRight(), None),
        ("agent.removed", "admin", "kim", "chat", rights("admin"), None),
        ("agent.removed", "admin", "kim", "oc", rights("agent ticket chat phone"), None),
        ("cti.changed", "admin", "kim", "oc", cti("7001", None), cti(None, None)),
        ("member.removed", "admin", "kim", "", MEMBER, None),
    ]


def test_a_new_member_does_not_inherit_from_a_removed_one(store: Store, center: Center) -> None:
    """Figures keep row IDs of members, so an ID must not be used again."""
    admin = center.principal("admin")

    def add(change: Change) -> int:
        return members_store.insert_member(change, NewMember(account="new", name="새", email="n@acme.example"))

    first = store.write(add, admin)
    store.write(lambda change: members_removal.remove_member(change, "new"), admin)
    assert store.write(add, admin) > first


async def test_removing_the_owner_makes_the_remover_the_owner(app: FastAPI) -> None:
    async with local_client(app, "admin") as admin:
        assert (await admin.post("/organization/admins", json={"account": "choi"})).status_code == 201
    async with local_client(app, "choi") as choi:
        assert (await choi.delete("/members/admin")).status_code == 204
    async with local_client(app) as operator:
        assert (await operator.get("/me")).json()["account"] == "choi"


def test_roles_added_during_a_removal_are_removed_too(store: Store, center: Center) -> None:
    """In either order, no role is left without its member, and no request fails unexpectedly."""
    admin = center.principal("admin")
    for _ in range(20):
        store.write(lambda change: members_store.insert_member(change, PASSING), admin)
        refusals = at_once(
            store,
            (admin, lambda change: members_removal.remove_member(change, "x")),
            (admin, lambda change: agents_store.add_agent(change, "oc", NewAgent(account="x", role=Role.AGENT))),
        )
        assert refusals in ([], [422])
        assert store.read(lambda c: c.scalar(select(tables.member.c.id).where(tables.member.c.account == "x"))) is None


def test_signing_in_during_a_removal_leaves_no_session(store: Store, center: Center) -> None:
    admin = center.principal("admin")
    for _ in range(20):

        def give(change: Change) -> int:
            member_id = members_store.insert_member(change, PASSING)
            passwords.store_password(change, member_id, "a hash")
            return member_id

        stored = passwords.StoredPassword(store.write(give, admin), "a hash")

        def begin(change: Change, stored: passwords.StoredPassword = stored) -> None:
            if not passwords.is_current_password(change.connection, stored):
                raise ProblemError(Code.UNAUTHENTICATED, 401)
            tokens.begin_session(change, stored.member_id, "", tokens.SessionLimits())

        removal = partial(members_removal.remove_member, account="x")
        assert at_once(store, (admin, removal), (admin, begin)) in ([], [401])
        assert count_rows(store, "token") == 0


# --- invitations ----------------------------------------------------------------------------------------------


async def invite_person(client: httpx.AsyncClient, **more: str) -> dict[str, str]:
    answer = await client.post("/invitations", json=NEW | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json()
    return found


async def accept_invitation(app: FastAPI, code: str, password: str = SECRET) -> httpx.Response:
    async with network_client(app, octui_via="command") as client:
        return await client.post("/invitations/accept", json={"code": code, "password": password})


async def test_an_invited_person_sets_the_password_and_signs_in(app: FastAPI, store: Store) -> None:
    async with local_client(app, "admin", octui_via="screen") as admin:
        said = await invite_person(admin)
        assert said | {"id": "", "code": ""} == {
            **NEW,
            "id": "",
            "invited_by": "admin",
            "created": NOW,
            "expires": NOW + VALID_MS,
            "mail": "none",
            "mail_tries": 0,
            "mail_error": "",
            "mail_next": None,
            "code": "",
        }
        (listed,) = (await admin.get("/invitations")).json()["invitations"]
        assert listed == {name: value for name, value in said.items() if name != "code"}
        (member,) = (await admin.get("/members", params={"query": "mina"})).json()["members"]
        assert member["state"] == "invited"
        # Roles may be given before; there is no way in.
        given = await admin.post("/services/oc/agents", json={"account": "mina", "role": "ROLE_FRONT_AGENT"})
        assert given.status_code == 201
        async with local_client(app) as operator:
            assert (await operator.post("/tokens", json={"account": "mina", "days": 1})).status_code == 422
        async with local_client(app, "mina") as mina:
            assert (await mina.get("/me")).status_code == 401
        refused = await sign_in(app)
        assert refused.status_code == 401
        joined = await accept_invitation(app, said["code"])
        assert (joined.status_code, joined.json()) == (200, {"account": "mina", "name": "이미나"})
        assert (await admin.get("/invitations")).json()["invitations"] == []
        token = (await sign_in(app)).json()["token"]
        async with network_client(app, token) as mina:
            me = (await mina.get("/me")).json()
            assert (me["account"], me["language"], [one["service"] for one in me["services"]]) == ("mina", "ja", ["oc"])
        (member,) = (await admin.get("/members", params={"query": "mina"})).json()["members"]
        assert member["state"] == "active"
    assert log_lines(store) == [
        ("member.invited", "admin", "mina", "", None, INVITED),
        ("agent.added", "admin", "mina", "oc", None, rights("agent")),
        ("member.joined", "mina", "mina", "", INVITED, MEMBER),
    ]


async def sign_in(app: FastAPI, password: str = SECRET) -> httpx.Response:
    async with network_client(app) as client:
        return await client.post("/sessions", json={"account": "mina", "password": password})


async def test_invalid_codes_all_get_the_same_answer(app: FastAPI, store: Store, clock: Clock) -> None:
    async with local_client(app, "admin") as admin:
        used = (await invite_person(admin))["code"]
        assert (await accept_invitation(app, used)).status_code == 200
        replaced = await invite_person(admin, account="b")
        newer = (await admin.post(f"/invitations/{replaced['id']}/resend")).json()
        assert newer["code"] not in (None, replaced["code"])
        revoked = await invite_person(admin, account="c")
        assert (await admin.delete(f"/invitations/{revoked['id']}")).status_code == 204
        ended = await invite_person(admin, account="d")
        clock.now += VALID_MS
        never = "0" * 28
        answers = [
            await accept_invitation(app, code)
            for code in (
                used,
                replaced["code"],
                revoked["code"],
                ended["code"],
                newer["code"],
                never,
                "x",
                "' OR 1=1 --",
            )
        ]
    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.text for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert [(e["field"], e["code"]) for e in answers[0].json()["errors"]] == [("code", "wrong")]
    assert count_rows(store, "password") == 1


async def test_a_code_is_valid_until_its_last_moment_in_any_spelling(app: FastAPI, clock: Clock) -> None:
    async with local_client(app, "admin") as admin:
        code = (await invite_person(admin))["code"]
    clock.now += VALID_MS - 1
    typed = " " + code.lower().replace("-", " ").replace("0", "o").replace("1", "l") + " "
    assert (await accept_invitation(app, typed)).status_code == 200


async def test_a_code_is_used_once_by_simultaneous_requests(app: FastAPI, store: Store) -> None:
    async with local_client(app, "admin") as admin:
        code = (await invite_person(admin))["code"]
    answers: list[int] = []
    start = threading.Barrier(4)

    def hurry() -> None:
        start.wait()
        answers.append(asyncio.run(accept_invitation(app, code)).status_code)

    threads = [threading.Thread(target=hurry) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 422, 422, 422]
    assert [entry[0] for entry in log_lines(store)] == ["member.invited", "member.joined"]


async def test_guessing_codes_is_throttled_but_a_bad_password_is_not(app: FastAPI, clock: Clock) -> None:
    async with local_client(app, "admin") as admin:
        code = (await invite_person(admin))["code"]
    for unfit in ("short", "passwordpassword", "mina@acme.example 이미나"):
        for _ in range(7):
            refused = await accept_invitation(app, code, unfit)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "password")
    found = [(await accept_invitation(app, f"guess {number}")).status_code for number in range(60)]
    assert found[:50] == [422] * 50
    slowed = await accept_invitation(app, "guess")
    assert slowed.status_code == 429
    assert 0 < int(slowed.headers["retry-after"]) <= 900
    # The right one has to wait as well, and works then.
    assert (await accept_invitation(app, code)).status_code == 429
    clock.now += 1000 * int(slowed.headers["retry-after"])
    assert (await accept_invitation(app, code)).status_code == 200


async def test_an_account_is_invited_once(app: FastAPI) -> None:
    async with local_client(app, "admin") as admin:
        await invite_person(admin)
        for sent in (NEW, NEW | {"account": "kim"}):
            refused = await admin.post("/invitations", json=sent)
            assert (refused.status_code, refused.json()["code"]) == (409, "already_exists")


async def test_revoking_an_invitation_removes_every_right(app: FastAPI, store: Store) -> None:
    async with local_client(app, "admin") as admin:
        said = await invite_person(admin)
        await admin.post("/services/oc/agents", json={"account": "mina", "role": "ROLE_FRONT_AGENT", "phone": True})
        await admin.post("/organization/admins", json={"account": "mina"})
        assert (await admin.delete(f"/invitations/{said['id']}")).status_code == 204
        assert (await admin.delete(f"/invitations/{said['id']}")).status_code == 404
        assert (await admin.post(f"/invitations/{said['id']}/resend")).status_code == 404
        assert (await admin.get("/members", params={"query": "mina"})).json()["members"] == []
        assert (await admin.get("/invitations")).json()["invitations"] == []
        assert await admin_accounts(admin) == ["admin"]
        await invite_person(admin)  # the account is free again
    assert log_lines(store)[3:6] == [
        ("organization_admin.removed", "admin", "mina", "", OrganizationAdminRight(), None),
        ("agent.removed", "admin", "mina", "oc", rights("agent ticket phone"), None),
        ("invitation.revoked", "admin", "mina", "", INVITED, None),
    ]


async def test_removing_an_invited_member_revokes_the_invitation(app: FastAPI) -> None:
    async with local_client(app, "admin") as admin:
        said = await invite_person(admin)
        assert (await admin.delete("/members/mina")).status_code == 204
        assert (await admin.get("/invitations")).json()["invitations"] == []
    assert (await accept_invitation(app, said["code"])).status_code == 422


async def test_a_code_is_shown_once_and_stored_nowhere(app: FastAPI, store: Store) -> None:
    async with local_client(app, "admin", idempotency_key="k1") as admin:
        first = await admin.post("/invitations", json=NEW)
        again = await admin.post("/invitations", json=NEW)
    assert (first.status_code, again.status_code) == (201, 409)
    assert again.json()["code"] == "conflict"
    code = first.json()["code"]
    assert len(code.replace("-", "")) * 5 >= 128
    for table in tables.metadata.sorted_tables:
        for row in store.read(lambda connection, table=table: connection.execute(select(table)).all()):  # type: ignore[misc]
            for value in row:
                text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                assert code not in text, table.name
                assert code.replace("-", "") not in text, table.name
    assert count_rows(store, "idempotency") == 1


async def test_the_owner_of_the_database_can_invite_a_member_again(app: FastAPI, store: Store, center: Center) -> None:
    """The first admin of an organization has no password, and a member may forget theirs."""
    kim = {"account": "kim", "name": "김민수", "email": "kim@acme.example"}
    old = Hasher().hash_password("another few words here")

    def begin(change: Change) -> None:
        passwords.store_password(change, center.members["kim"], old)
        tokens.begin_session(change, center.members["kim"], "", tokens.SessionLimits())

    store.write(begin, center.principal("kim"))
    async with local_client(app, "admin") as admin:
        assert (await admin.post("/invitations", json=kim)).status_code == 409
    async with local_client(app) as operator:
        assert (await operator.post("/invitations", json=kim | {"name": "김민지"})).status_code == 409
        first = (await operator.post("/invitations", json=kim)).json()
        code = (await operator.post("/invitations", json=kim)).json()["code"]
        assert (await accept_invitation(app, first["code"])).status_code == 422
        other = (
            await operator.post(
                "/invitations", json=kim | {"account": "lee", "name": "이영희", "email": "lee@acme.example"}
            )
        ).json()
        assert (await operator.delete(f"/invitations/{other['id']}")).status_code == 204
        assert (await operator.get("/members", params={"query": "lee"})).json()["members"][0]["state"] == "active"
    assert (await accept_invitation(app, code)).status_code == 200
    kinds = store.read(lambda connection: connection.scalars(select(tables.token.c.kind)).all())
    assert Kind.SESSION.value not in kinds
    async with network_client(app) as client:
        assert (await client.post("/sessions", json={"account": "kim", "password": SECRET})).status_code == 201
    assert [entry[0] for entry in log_lines(store)] == [
        "member.invited",
        "member.invited",
        "member.invited",
        "invitation.revoked",
        "member.joined",
    ]


async def test_a_repeated_invitation_by_mail_is_answered_as_the_first_time(app: FastAPI, store: Store) -> None:
    app.state.mail_worker = object()  # mail is configured; nobody takes it up here
    async with local_client(app, "admin", idempotency_key="k1") as admin:
        first, again = [await admin.post("/invitations", json=NEW) for _ in range(2)]
        assert (first.status_code, again.status_code, again.text) == (201, 201, first.text)
        assert (first.json()["mail"], first.json()["code"], first.json()["expires"]) == ("waiting", None, None)
        more = await admin.post(f"/invitations/{first.json()['id']}/resend", headers={"Idempotency-Key": "k2"})
        assert more.json()["code"] is None
    assert count_rows(store, "mail") == 1


# --- settings -------------------------------------------------------------------------------------------------


async def test_only_three_settings_can_be_changed(app: FastAPI, store: Store) -> None:
    async with local_client(app, "kim") as kim:
        answer = await kim.get("/me/settings")
        mine = answer.json()
        assert mine == {
            "account": "kim",
            "name": "김민수",
            "nickname": "",
            "phone": "",
            "email": "kim@acme.example",
            "language": "ko",
            "ticket_assignment": True,
            "version": 1,
        }
        assert answer.headers["etag"] == '"v1"'
        wish = {"nickname": "별\u1112\u1161\u11ab", "language": "ja", "ticket_assignment": False}  # 한 in pieces
        assert (await kim.patch("/me/settings", json=wish)).status_code == 428
        before = store.revisions([me_topic("kim")])[me_topic("kim")]
        changed = await kim.patch("/me/settings", json=wish, headers={"If-Match": '"v1"'})
        assert changed.json() == mine | wish | {"nickname": "별한", "version": 2}
        assert store.revisions([me_topic("kim")])[me_topic("kim")] == before + 1
        me = (await kim.get("/me")).json()
        assert (me["nickname"], me["language"]) == ("별한", "ja")
        stale = await kim.patch("/me/settings", json={"language": "en"}, headers={"If-Match": '"v1"'})
        assert (stale.status_code, stale.json()["current"]) == (412, changed.json())
        same = await kim.patch("/me/settings", json={"language": "ja"}, headers={"If-Match": '"v2"'})
        assert same.json()["version"] == 2
        empty = await kim.patch("/me/settings", json={"nickname": ""}, headers={"If-Match": '"v2"'})
        assert (empty.json()["nickname"], empty.json()["ticket_assignment"]) == ("", False)
        for field in ("name", "account", "email", "phone", "organization_admin", "version", "state", "member_id"):
            refused = await kim.patch("/me/settings", json={field: "x"}, headers={"If-Match": '"v3"'})
            assert refused.status_code == 422
            assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [(field, "unknown_field")]
        for wrong in ("fr", "", "KO"):
            assert (
                await kim.patch("/me/settings", json={"language": wrong}, headers={"If-Match": "x"})
            ).status_code == 422
    async with local_client(app, "lee") as lee:
        assert (await lee.get("/me/settings")).json()["version"] == 1
    assert log_lines(store) == []


# --- reading the log ------------------------------------------------------------------------------------------


async def test_a_service_admin_sees_the_log_of_the_service(app: FastAPI) -> None:
    """Only organization admins see entries that concern the organization."""
    async with local_client(app, "admin") as admin, local_client(app, "choi") as choi:
        said = await invite_person(admin)
        for code in ("oc", "chat"):
            await admin.post(f"/services/{code}/agents", json={"account": "mina", "role": "ROLE_FRONT_AGENT"})
        await accept_invitation(app, said["code"])
        await admin.post("/organization/admins", json={"account": "mina"})
        assert (await admin.delete("/members/mina")).status_code == 204
        every = [entry["action"] for entry in (await admin.get("/audit")).json()["entries"]]
        seen = [(entry["action"], entry["service"]) for entry in (await choi.get("/audit")).json()["entries"]]
        invitations = (await admin.get("/audit", params={"action": "초대"})).json()["entries"]
    assert every == [
        "member.removed",
        "agent.removed",
        "agent.removed",
        "organization_admin.removed",
        "organization_admin.added",
        "member.joined",
        "agent.added",
        "agent.added",
        "member.invited",
    ]
    assert seen == [("agent.removed", "oc"), ("agent.added", "oc")]
    assert [entry["action"] for entry in invitations] == ["member.joined", "member.invited"]
