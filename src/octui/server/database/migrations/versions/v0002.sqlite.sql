CREATE TABLE closed_charge (
    month INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    type TEXT NOT NULL,
    total INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_closed_charge PRIMARY KEY (month, service_id)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE closed_month (
    month INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    CONSTRAINT pk_closed_month PRIMARY KEY (month)
)
 STRICT

CREATE TABLE cti_log_day (
    service_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_cti_log_day PRIMARY KEY (service_id, day)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE cti_log_floor (
    service_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_cti_log_floor PRIMARY KEY (service_id)
)
 STRICT

CREATE TABLE organization_key (
    id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    tail TEXT NOT NULL,
    changed INTEGER NOT NULL,
    shown INTEGER,
    version INTEGER NOT NULL,
    CONSTRAINT pk_organization_key PRIMARY KEY (id)
)
 STRICT

CREATE TABLE rate (
    valid_from INTEGER NOT NULL,
    item TEXT NOT NULL,
    monthly INTEGER NOT NULL,
    per_day INTEGER NOT NULL,
    per_user INTEGER NOT NULL,
    free_count INTEGER,
    tier1_cap INTEGER,
    tier1_price INTEGER,
    tier2_price INTEGER,
    CONSTRAINT pk_rate PRIMARY KEY (valid_from, item)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE steady_clock (
    id INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    since INTEGER NOT NULL,
    CONSTRAINT pk_steady_clock PRIMARY KEY (id)
)
 STRICT

CREATE TABLE contract_version (
    service_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    item TEXT NOT NULL,
    users INTEGER NOT NULL,
    CONSTRAINT pk_contract_version PRIMARY KEY (service_id, day, item),
    CONSTRAINT fk_contract_version_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE discount (
    service_id INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    basis_points INTEGER NOT NULL,
    CONSTRAINT pk_discount PRIMARY KEY (service_id, valid_from),
    CONSTRAINT fk_discount_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE service_banner (
    service_id INTEGER NOT NULL,
    image BLOB NOT NULL,
    media_type TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    CONSTRAINT pk_service_banner PRIMARY KEY (service_id),
    CONSTRAINT fk_service_banner_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)
 STRICT

CREATE TABLE service_language (
    service_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    language TEXT NOT NULL,
    CONSTRAINT pk_service_language PRIMARY KEY (service_id, position),
    CONSTRAINT fk_service_language_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)
 WITHOUT ROWID,
 STRICT

ALTER TABLE organization ADD COLUMN ipcc_agreed INTEGER DEFAULT 0 NOT NULL

ALTER TABLE organization ADD COLUMN mobile_contact_activated INTEGER DEFAULT 0 NOT NULL

ALTER TABLE cti_settings ADD COLUMN retention_years INTEGER DEFAULT 2 NOT NULL

ALTER TABLE event ADD COLUMN cti_day INTEGER

CREATE INDEX ix_event_cti_log ON event (service_id, cti_day, id) WHERE cti_day IS NOT NULL

ALTER TABLE service ADD COLUMN state TEXT DEFAULT 'inuse' NOT NULL

ALTER TABLE service ADD COLUMN version INTEGER DEFAULT 1 NOT NULL

ALTER TABLE service ADD COLUMN registered_day INTEGER

ALTER TABLE service ADD COLUMN edited_day INTEGER

ALTER TABLE service ADD COLUMN terminated_day INTEGER

ALTER TABLE contract_item ADD COLUMN users INTEGER DEFAULT 1 NOT NULL

ALTER TABLE contract_item ADD COLUMN volume INTEGER DEFAULT 0 NOT NULL

UPDATE service SET registered_day = CAST(strftime('%Y%m%d', 'now') AS INTEGER)

ALTER TABLE service DROP COLUMN active

INSERT INTO service_language (service_id, position, language) SELECT id, 0, language FROM service

INSERT INTO contract_version (service_id, day, item, users) SELECT i.service_id, s.registered_day, i.item, i.users FROM contract_item i JOIN service s ON s.id = i.service_id

INSERT INTO rate (valid_from, item, monthly, per_day, per_user, free_count, tier1_cap, tier1_price, tier2_price) VALUES
    (19700101, 'ticket', 10000, 333, 1, 3000, NULL, 50000, NULL),
    (19700101, 'telticket', 70000, 2333, 1, 6000, 40000, 3000, 1500),
    (19700101, 'chat', 10000, 333, 1, 3000, NULL, 50000, NULL),
    (19700101, 'endusermanagement', 250000, 8333, 0, NULL, NULL, NULL, NULL),
    (19700101, 'callback', 50000, 1667, 0, NULL, NULL, NULL, NULL),
    (19700101, 'helpdoc', 50000, 1667, 0, NULL, NULL, NULL, NULL),
    (19700101, 'knowledge', 50000, 1667, 0, NULL, NULL, NULL, NULL),
    (19700101, 'ticketevaluation', 100000, 3333, 0, NULL, NULL, NULL, NULL)

ALTER TABLE ticket ADD COLUMN first_at INTEGER DEFAULT 0 NOT NULL

UPDATE ticket SET first_at = coalesce((SELECT min(e.at) FROM event e WHERE e.service_id = ticket.service_id AND e.ticket = ticket.ticket), at)

CREATE INDEX ix_ticket_service_id_first_at ON ticket (service_id, first_at)

CREATE INDEX ix_event_chat_opened ON event (service_id, at) WHERE type = 'octui.chat.opened'

CREATE INDEX ix_figure_calls ON figure (service_id, day) WHERE state IN ('inbound_calls', 'outbound_calls')
