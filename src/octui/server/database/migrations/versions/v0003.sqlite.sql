CREATE TABLE alias_memory (
    service_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    memory TEXT NOT NULL,
    CONSTRAINT pk_alias_memory PRIMARY KEY (service_id)
)
 STRICT

CREATE TABLE floor_limit (
    service_id INTEGER NOT NULL,
    limits TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_floor_limit PRIMARY KEY (service_id)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE floor_service (
    service_id INTEGER NOT NULL,
    counted_after INTEGER NOT NULL,
    has_calls INTEGER NOT NULL,
    CONSTRAINT pk_floor_service PRIMARY KEY (service_id)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE intake_file (
    id INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    head BLOB NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    digest BLOB NOT NULL,
    state TEXT NOT NULL,
    unmatched TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_intake_file PRIMARY KEY (id),
    CONSTRAINT uq_intake_file_service_id_kind_head UNIQUE (service_id, kind, head)
)
 STRICT

CREATE TABLE queue_call (
    service_id INTEGER NOT NULL,
    call TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    data TEXT NOT NULL,
    CONSTRAINT pk_queue_call PRIMARY KEY (service_id, call)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE queue_minute (
    service_id INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    offered INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    in_time INTEGER NOT NULL,
    abandoned INTEGER NOT NULL,
    ready INTEGER NOT NULL,
    on_call INTEGER NOT NULL,
    outbound INTEGER NOT NULL,
    break_work INTEGER NOT NULL,
    CONSTRAINT pk_queue_minute PRIMARY KEY (service_id, minute)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE queue_stay (
    service_id INTEGER NOT NULL,
    start INTEGER NOT NULL,
    call TEXT NOT NULL,
    "end" INTEGER,
    since INTEGER NOT NULL,
    CONSTRAINT pk_queue_stay PRIMARY KEY (service_id, start, call)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX ix_queue_stay_running ON queue_stay (service_id, start) WHERE "end" IS NULL

CREATE TABLE queue_threshold (
    service_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    CONSTRAINT pk_queue_threshold PRIMARY KEY (service_id, day)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE service_day (
    service_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    CONSTRAINT pk_service_day PRIMARY KEY (service_id, day)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE source_clock (
    service_id INTEGER NOT NULL,
    source TEXT NOT NULL,
    until_at INTEGER NOT NULL,
    followed_at INTEGER NOT NULL,
    CONSTRAINT pk_source_clock PRIMARY KEY (service_id, source)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE unmatched_name (
    service_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    CONSTRAINT pk_unmatched_name PRIMARY KEY (service_id, name)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE wall_token (
    hash BLOB NOT NULL,
    id TEXT NOT NULL,
    place TEXT NOT NULL,
    services TEXT NOT NULL,
    network TEXT NOT NULL,
    created INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    CONSTRAINT pk_wall_token PRIMARY KEY (hash),
    CONSTRAINT uq_wall_token_id UNIQUE (id)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE pbx_name (
    folded TEXT NOT NULL,
    name TEXT NOT NULL,
    member_id INTEGER NOT NULL,
    CONSTRAINT pk_pbx_name PRIMARY KEY (folded),
    CONSTRAINT fk_pbx_name_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX ix_pbx_name_member_id ON pbx_name (member_id)

CREATE INDEX ix_pbx_name_name ON pbx_name (name)

ALTER TABLE event ADD COLUMN file_id INTEGER

ALTER TABLE event ADD COLUMN line INTEGER

ALTER TABLE cti_agent ADD COLUMN pbx_names_version INTEGER DEFAULT 0 NOT NULL

ALTER TABLE interval ADD COLUMN detail TEXT

ALTER TABLE agent_state ADD COLUMN detail TEXT

ALTER TABLE agent_state ADD COLUMN expires INTEGER

INSERT INTO floor_service (service_id, counted_after, has_calls) SELECT service_id, max(at), 0 FROM event GROUP BY service_id
