"""A database of an earlier version keeps everything when it is brought to this one, on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.command import upgrade as run_migrations
from alembic.config import Config
from sqlalchemy import Connection, create_engine, make_url, text

from octui.server.database.migrations import FOLDER, HEAD, migrate_database, schema_version

# As an octui of version 0001 left it: a service in use, one that was switched off, and what they had.
WRITTEN = (
    "INSERT INTO organization (id, code, name, domain, time_zone, owner_account) "
    "VALUES (1, 'a1', 'Acme 고객센터', 'acme', 'Asia/Seoul', 'admin')",
    "INSERT INTO cti_settings (id, tenant_id, tenant_name, monitoring, version) VALUES (1, 't', '명칭', {false}, 3)",
    "INSERT INTO service (id, code, name, type, language, time_zone, active) VALUES "
    "(1, 'oc', '상담', 'consultation', 'ko', 'Asia/Seoul', {true}), "
    "(2, 'jp', '窓口', 'issue', 'ja', 'Asia/Tokyo', {true})",
    "INSERT INTO contract_item (service_id, item) VALUES (1, 'ticket'), (1, 'telticket'), (2, 'ticket')",
    "INSERT INTO event (id, source_id, event_id, service_id, member_id, at, sequence, type, data) "
    "VALUES (7, 1, 'e', 1, 1, 1782864000000, 0, 'octui.phone.login', '{{}}')",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connection]:
    """An empty database."""
    url = f"sqlite:///{tmp_path}/old.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgres")
    engine = create_engine(
        make_url(url).set(drivername={"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}[request.param])
    )
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def _make(connection: Connection, revision: str) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER))
    run_migrations(config, revision)
    sqlite = connection.dialect.name == "sqlite"
    for statement in WRITTEN:
        connection.exec_driver_sql(statement.format(true=1 if sqlite else "true", false=0 if sqlite else "false"))
    connection.commit()


def test_a_database_of_version_0001_keeps_its_services(connection: Connection) -> None:
    _make(connection, "0001")
    migrate_database(connection)
    assert schema_version(connection) == HEAD
    services = connection.execute(
        text("SELECT code, state, version, registered_day, edited_day FROM service ORDER BY id")
    )
    (oc, jp) = services.all()
    assert (oc.code, oc.state, oc.version, oc.edited_day) == ("oc", "inuse", 1, None)
    assert oc.registered_day == jp.registered_day > 20261101
    items = connection.execute(
        text("SELECT service_id, day, item, users FROM contract_version ORDER BY service_id, item")
    )
    assert [tuple(row) for row in items] == [
        (1, oc.registered_day, "telticket", 1),
        (1, oc.registered_day, "ticket", 1),
        (2, oc.registered_day, "ticket", 1),
    ]
    languages = connection.execute(text("SELECT service_id, position, language FROM service_language ORDER BY 1"))
    assert [tuple(row) for row in languages] == [(1, 0, "ko"), (2, 0, "ja")]
    settings = connection.execute(text("SELECT tenant_name, monitoring, retention_years, version FROM cti_settings"))
    assert tuple(settings.one()) == ("명칭", False, 2, 3)
    assert connection.execute(text("SELECT event_id, cti_day FROM event")).all() == [("e", None)]


def test_a_database_that_is_up_to_date_is_left_as_it_is(connection: Connection) -> None:
    migrate_database(connection)
    migrate_database(connection)
    assert schema_version(connection) == HEAD
