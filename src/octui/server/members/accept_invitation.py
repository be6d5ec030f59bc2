"""Accept invitations: a person with a code sets a password (rules.md 17, security.md R16)."""

from dataclasses import replace

from octui.schema.members import Acceptance, Joined
from octui.schema.problems import Code, FieldCode
from octui.server.core.errors import ProblemError, invalid_field
from octui.server.core.principal import Principal
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.server.identity import password_rules as identity_password_rules
from octui.server.identity import passwords, throttle
from octui.server.identity.hashing import Hasher
from octui.server.identity.password_rules import normalize_password
from octui.server.members import invitation_store


def accept(store: Store, hasher: Hasher, body: Acceptance, caller: Principal) -> Joined:
    """Set the password of an invited person, who becomes a member.

    Raises 422 by field: one problem for codes that are unknown, expired, used, replaced or revoked. Raises 429 while
    the address has to wait after failures.
    """
    password = normalize_password(body.password)
    # Checked before the code is looked up, so that the answer reveals nothing about the code.
    problem = identity_password_rules.password_problem("password", password)
    if problem is not None:
        raise ProblemError(Code.INVALID, 422, problem.message, [problem])
    bucket = f"invitation {body.code}"
    store.write(lambda change: throttle.count_attempt(change, bucket), caller)
    now = store.clock()
    invitation = store.read(lambda connection: invitation_store.find_by_code(connection, body.code, now))
    if invitation is None:
        raise _wrong_code()
    account = invitation.account
    try:
        store.read(lambda connection: passwords.refuse_weak_password(connection, "password", password, account))
    except ProblemError:
        store.write(lambda change: throttle.clear_failures(change, bucket), caller)  # The code was right.
        raise
    with hasher.slot():
        hashed = hasher.hash_password(password)

    def join_organization(change: Change) -> Joined:
        locked_invitation = invitation_store.find_by_code(change.connection, body.code, change.now, lock=True)
        if locked_invitation is None:
            raise _wrong_code()
        throttle.clear_failures(change, bucket)
        invitation_store.accept_invitation(change, locked_invitation, hashed)
        return Joined(account=locked_invitation.account, name=locked_invitation.name)

    new_member = replace(caller, member_id=invitation.member_id, account=invitation.account, name=invitation.name)
    return store.write(join_organization, new_member)


def _wrong_code() -> ProblemError:
    return invalid_field(
        "code", FieldCode.WRONG, "This code is not right, has ended, or was used: ask for another one."
    )
