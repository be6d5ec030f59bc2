"""Tokens of wall terminals: read-only, for some services, from one network, until a day (rules.md 52)."""

import json
import secrets
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from sqlalchemy import Connection, delete, insert, select, update

from octui.schema.audit import Action, WallAccess
from octui.schema.items import ServiceState
from octui.schema.tokens import IssuedWallToken, NewWallToken, WallToken, WallTokens
from octui.server.core.errors import invalid_field, not_allowed, not_found
from octui.server.core.principal import Credential, Principal
from octui.server.core.topics import me_topic
from octui.server.core.validation import validate_text
from octui.server.database import tables
from octui.server.database.unit_of_work import Change

PREFIX = "octwall_"
DAY_MS = 86_400_000
LONGEST_TOKEN = 100
LONGEST_PLACE = 100

_w, _s = tables.wall_token, tables.service


def issue_wall_token(change: Change, new: NewWallToken) -> IssuedWallToken:
    """Issue a token for a wall terminal and record it in the permission-change log.

    Raises 422 for an unknown service, a draft, a place that cannot be shown, and no network or one with host bits.
    """
    where = validate_text("place", new.place, LONGEST_PLACE)
    network = _parse_network(new.network)
    codes = sorted(set(new.services))
    states = dict(change.connection.execute(select(_s.c.code, _s.c.state).where(_s.c.code.in_(codes))).all())
    for place, code in enumerate(new.services):
        if code not in states:
            raise invalid_field(f"services.{place}", "unknown_value", "There is no service with this ID.")
        if states[code] == ServiceState.DRAFT:
            # A draft can be dropped and its ID used again: the wall would show a service that nobody meant.
            detail = "This service is a draft: register its contract first."
            raise invalid_field(f"services.{place}", "unknown_value", detail)
    change.connection.execute(delete(_w).where(_w.c.expires <= change.now))
    token, token_id = PREFIX + secrets.token_urlsafe(32), secrets.token_hex(8)
    expires = change.now + new.days * DAY_MS
    change.connection.execute(
        insert(_w).values(
            hash=_digest(token),
            id=token_id,
            place=where,
            services=json.dumps(codes),
            network=str(network),
            created=change.now,
            last_used=0,
            expires=expires,
        )
    )
    access = WallAccess(services=codes, network=str(network), days=new.days)
    change.record(Action.WALL_ADDED, target_account=_account(token_id), target_name=where, after=access)
    return IssuedWallToken(
        id=token_id,
        place=where,
        services=codes,
        network=str(network),
        created=change.now,
        expires=expires,
        last_used=None,
        token=token,
    )


def list_wall_tokens(connection: Connection, now: int) -> WallTokens:
    """Return the valid wall tokens, by place."""
    rows = connection.execute(select(_w).where(_w.c.expires > now).order_by(_w.c.place, _w.c.id))
    return WallTokens(
        tokens=[
            WallToken(**row._asdict() | {"services": json.loads(row.services), "last_used": row.last_used or None})
            for row in rows
        ]
    )


def revoke_wall_token(change: Change, token_id: str) -> None:
    """End a wall's token, whose waiting requests are woken. Raises 404."""
    row = change.connection.execute(select(_w).where(_w.c.id == token_id)).one_or_none()
    if row is None or not change.connection.execute(delete(_w).where(_w.c.id == token_id)).rowcount:
        raise not_found()
    change.touch(me_topic(_account(token_id)))
    days = (row.expires - row.created) // DAY_MS
    access = WallAccess(services=json.loads(row.services), network=row.network, days=days)
    change.record(Action.WALL_REMOVED, target_account=_account(token_id), target_name=row.place, before=access)


def find_wall(connection: Connection, token: str, address: str, now: int) -> Principal | None:
    """Return the wall terminal whose token this is, None for an unknown, expired or revoked one.

    Raises 403 for a valid token that is used from outside its network.
    """
    if len(token) > LONGEST_TOKEN:
        return None
    row = connection.execute(select(_w).where(_w.c.hash == _digest(token), _w.c.expires > now)).one_or_none()
    if row is None:
        return None
    if not _is_inside(address, row.network):
        detail = f"This wall token is for addresses in {row.network}: issue one for this place with octui token wall."
        raise not_allowed(detail)
    return Principal(
        member_id=None,
        account=_account(row.id),
        name=row.place,
        wall_services=frozenset(json.loads(row.services)),
        credential=Credential(row.id, row.last_used, row.expires, is_wall=True),
    )


def record_use(change: Change, credential: Credential) -> None:
    """Record the use of a wall token; one revoked in the meantime stays revoked."""
    change.connection.execute(
        update(_w).where(_w.c.id == credential.id, _w.c.last_used < change.now).values(last_used=change.now)
    )


def _account(token_id: str) -> str:
    """Return the name of a wall in place of an account; the slash keeps it apart from every member's."""
    return f"wall/{token_id}"


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()


def _parse_network(text: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(text)
    except ValueError:
        detail = f"{text} is no network. Write one such as 10.1.0.0/16, or a single address."
        raise invalid_field("network", "pattern", detail) from None
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    # Callers' addresses in IPv6 form count as IPv4 ones, and so does a network of such.
    return ip_network(f"{mapped}/{network.prefixlen - 96}") if mapped and network.prefixlen >= 96 else network


def _is_inside(address: str, network: str) -> bool:
    """Return whether an address is in the network; an IPv4 address in IPv6 form counts as the IPv4 one."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return parsed in ip_network(network)
