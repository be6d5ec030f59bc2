"""Verify passwords for signing in and for changing one, and limit the attempts (security.md R15–R17)."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from octui.schema.problems import Code, FieldCode
from octui.schema.sessions import PasswordChange, SignedIn, SignIn
from octui.server.core.errors import ProblemError, invalid_field
from octui.server.core.principal import Principal
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change
from octui.server.identity import passwords, throttle, tokens
from octui.server.identity.hashing import Hasher
from octui.server.identity.password_rules import normalize_password
from octui.server.identity.passwords import StoredPassword
from octui.server.identity.tokens import SessionLimits

OUTCOMES = ("done", "refused", "delayed", "failed")


class SignInHandler:
    """Signs people in and changes their passwords; one object per application.

    `counts`: attempts by outcome, for /metrics.
    """

    def __init__(self, hasher: Hasher | None = None, limits: SessionLimits | None = None) -> None:
        self.hasher = hasher or Hasher()
        self.limits = limits or SessionLimits()
        self.counts = Counter(dict.fromkeys(OUTCOMES, 0))
        self._lock = threading.Lock()

    def sign_in(self, store: Store, body: SignIn, device: str, caller: Principal) -> SignedIn:
        """Verify a person's password and begin a session.

        Raises 401, at the same cost, for a wrong password, an unknown account and a member without a password. Raises
        429 while a delay lasts.
        """
        password = normalize_password(body.password)
        with self._count_outcome(), self.hasher.slot():
            stored = self._verify_password(store, body.account, password, caller)
            if stored is None:
                raise _wrong_credentials()
            stronger = self.hasher.hash_password(password) if self.hasher.is_weak(stored.hash) else None

            def begin_session(change: Change) -> tuple[str, str, int]:
                if not passwords.is_current_password(change.connection, stored):
                    raise _wrong_credentials()
                throttle.clear_failures(change, body.account)
                if stronger is not None:
                    passwords.replace_hash(change, stored, stronger)
                name, token = tokens.begin_session(change, stored.member_id, device, self.limits)
                return name, token, change.now

            name, token, now = store.write(begin_session, caller)
        return SignedIn(
            id=name, account=body.account, token=token, expires=now + self.limits.longest, idle=self.limits.idle
        )

    def change_password(self, store: Store, body: PasswordChange, caller: Principal) -> None:
        """Set the caller's new password and end their other sessions.

        Raises 422 by field. Raises 429 while a delay lasts: someone at an unattended screen must not be able to try
        passwords.
        """
        old, new = normalize_password(body.old), normalize_password(body.new)
        store.read(lambda connection: passwords.refuse_weak_password(connection, "new", new, caller.account))
        with self.hasher.slot():
            stored = self._verify_password(store, caller.account, old, caller)
            if stored is None:
                raise _wrong_password()
            hashed = self.hasher.hash_password(new)

        def save_password(change: Change) -> None:
            if not passwords.is_current_password(change.connection, stored):
                raise _wrong_password()
            throttle.clear_failures(change, caller.account)
            passwords.store_password(change, stored.member_id, hashed)
            own_session = None if caller.credential is None else caller.credential.id
            tokens.revoke_other_sessions(change, stored.member_id, caller.account, own_session)

        store.write(save_password, caller)

    def _verify_password(self, store: Store, account: str, password: str, caller: Principal) -> StoredPassword | None:
        """Count the attempt, then verify it; the work is the same whether the account exists or not."""
        store.write(lambda change: throttle.count_attempt(change, account), caller)
        stored = store.read(lambda connection: passwords.find_password(connection, account))
        right = self.hasher.verify_password(None if stored is None else stored.hash, password)
        return stored if right else None

    @contextmanager
    def _count_outcome(self) -> Iterator[None]:
        try:
            yield
        except ProblemError as error:
            self._add_outcome({401: "refused", 429: "delayed"}.get(error.status, "failed"))
            raise
        self._add_outcome("done")

    def _add_outcome(self, outcome: str) -> None:
        with self._lock:
            self.counts[outcome] += 1


def _wrong_credentials() -> ProblemError:
    return ProblemError(Code.UNAUTHENTICATED, 401, "The account or the password is not right.")


def _wrong_password() -> ProblemError:
    return invalid_field("old", FieldCode.WRONG, "The present password is not right.")
