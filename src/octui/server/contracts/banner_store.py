"""SQL of a service's banner picture (rules.md 2)."""

import hashlib
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from octui.schema.audit import Action, BannerFacts
from octui.schema.contracts import Banner
from octui.server.contracts.banner_images import Picture
from octui.server.core.topics import SERVICES
from octui.server.database import tables
from octui.server.database.unit_of_work import Change
from octui.server.services import store as services_store

_b = tables.service_banner


def find_banner(connection: Connection, code: str) -> Picture | None:
    """Return the service's banner, or None. Raises 404 for an unknown service."""
    service = services_store.find_service(connection, code)
    row = connection.execute(select(_b).where(_b.c.service_id == service.id)).one_or_none()
    return None if row is None else _picture_from_row(row)


def put_banner(change: Change, code: str, picture: Picture) -> Banner:
    """Set the service's banner and record it; an identical picture changes nothing."""
    service = services_store.find_service(change.connection, code)
    services_store.require_changeable(service)
    row = change.connection.execute(select(_b).where(_b.c.service_id == service.id).with_for_update()).one_or_none()
    if row is not None and row.image == picture.image:
        return Banner(width=row.width, height=row.height, media_type=row.media_type, changed=row.changed)
    if row is not None:
        change.connection.execute(delete(_b).where(_b.c.service_id == service.id))
    banner = Banner(width=picture.width, height=picture.height, media_type=picture.media_type, changed=change.now)
    change.connection.execute(
        insert(_b).values(service_id=service.id, image=picture.image, **banner.model_dump(mode="json"))
    )
    change.touch(SERVICES)
    before = None if row is None else _banner_facts(_picture_from_row(row))
    _record_change(change, service, before, _banner_facts(picture))
    return banner


def remove_banner(change: Change, code: str) -> None:
    """Remove the service's banner and record it; without one nothing changes."""
    service = services_store.find_service(change.connection, code)
    services_store.require_changeable(service)
    row = change.connection.execute(select(_b).where(_b.c.service_id == service.id).with_for_update()).one_or_none()
    if row is not None:
        change.connection.execute(delete(_b).where(_b.c.service_id == service.id))
        change.touch(SERVICES)
        _record_change(change, service, _banner_facts(_picture_from_row(row)), None)


def _picture_from_row(row: Row[Any]) -> Picture:
    return Picture(bytes(row.image), row.media_type, row.width, row.height)


def _banner_facts(picture: Picture) -> BannerFacts:
    """Return how the log identifies a picture: type, size, and the beginning of its SHA-256."""
    digest = hashlib.sha256(picture.image).hexdigest()[:12]
    return BannerFacts(media_type=picture.media_type, width=picture.width, height=picture.height, digest=digest)


def _record_change(
    change: Change, service: services_store.ServiceRow, before: BannerFacts | None, after: BannerFacts | None
) -> None:
    change.record(
        Action.BANNER_CHANGED,
        target_name=service.name,
        service=service.code,
        before=before,
        after=after,
    )
