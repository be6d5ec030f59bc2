CREATE TABLE alias_memory (
    service_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    memory TEXT COLLATE "C" NOT NULL,
    CONSTRAINT pk_alias_memory PRIMARY KEY (service_id)
)

CREATE TABLE floor_limit (
    service_id BIGINT NOT NULL,
    limits TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_floor_limit PRIMARY KEY (service_id)
)

CREATE TABLE floor_service (
    service_id BIGINT NOT NULL,
    counted_after BIGINT NOT NULL,
    has_calls INTEGER NOT NULL,
    CONSTRAINT pk_floor_service PRIMARY KEY (service_id)
)

CREATE TABLE intake_file (
    id BIGSERIAL NOT NULL,
    service_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    head BYTEA NOT NULL,
    device BIGINT NOT NULL,
    inode BIGINT NOT NULL,
    position BIGINT NOT NULL,
    line BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    unmatched TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_intake_file PRIMARY KEY (id),
    CONSTRAINT uq_intake_file_service_id_kind_head UNIQUE (service_id, kind, head)
)

CREATE TABLE queue_call (
    service_id BIGINT NOT NULL,
    call TEXT COLLATE "C" NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    CONSTRAINT pk_queue_call PRIMARY KEY (service_id, call)
)

CREATE TABLE queue_minute (
    service_id BIGINT NOT NULL,
    minute BIGINT NOT NULL,
    offered BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    in_time BIGINT NOT NULL,
    abandoned BIGINT NOT NULL,
    ready BIGINT NOT NULL,
    on_call BIGINT NOT NULL,
    outbound BIGINT NOT NULL,
    break_work BIGINT NOT NULL,
    CONSTRAINT pk_queue_minute PRIMARY KEY (service_id, minute)
)

CREATE TABLE queue_stay (
    service_id BIGINT NOT NULL,
    start BIGINT NOT NULL,
    call TEXT COLLATE "C" NOT NULL,
    "end" BIGINT,
    since BIGINT NOT NULL,
    CONSTRAINT pk_queue_stay PRIMARY KEY (service_id, start, call)
)

CREATE INDEX ix_queue_stay_running ON queue_stay (service_id, start) WHERE "end" IS NULL

CREATE TABLE queue_threshold (
    service_id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    CONSTRAINT pk_queue_threshold PRIMARY KEY (service_id, day)
)

CREATE TABLE service_day (
    service_id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    CONSTRAINT pk_service_day PRIMARY KEY (service_id, day)
)

CREATE TABLE source_clock (
    service_id BIGINT NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    until_at BIGINT NOT NULL,
    followed_at BIGINT NOT NULL,
    CONSTRAINT pk_source_clock PRIMARY KEY (service_id, source)
)

CREATE TABLE unmatched_name (
    service_id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    evidence TEXT COLLATE "C" NOT NULL,
    CONSTRAINT pk_unmatched_name PRIMARY KEY (service_id, name)
)

CREATE TABLE wall_token (
    hash BYTEA NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    services TEXT COLLATE "C" NOT NULL,
    network TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    last_used BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    CONSTRAINT pk_wall_token PRIMARY KEY (hash),
    CONSTRAINT uq_wall_token_id UNIQUE (id)
)

CREATE TABLE pbx_name (
    folded TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    member_id BIGINT NOT NULL,
    CONSTRAINT pk_pbx_name PRIMARY KEY (folded),
    CONSTRAINT fk_pbx_name_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)

CREATE INDEX ix_pbx_name_member_id ON pbx_name (member_id)

CREATE INDEX ix_pbx_name_name ON pbx_name (name)

ALTER TABLE event ADD COLUMN file_id BIGINT

ALTER TABLE event ADD COLUMN line BIGINT

ALTER TABLE cti_agent ADD COLUMN pbx_names_version BIGINT DEFAULT 0 NOT NULL

ALTER TABLE interval ADD COLUMN detail TEXT COLLATE "C"

ALTER TABLE agent_state ADD COLUMN detail TEXT COLLATE "C"

ALTER TABLE agent_state ADD COLUMN expires BIGINT

INSERT INTO floor_service (service_id, counted_after, has_calls) SELECT service_id, max(at), 0 FROM event GROUP BY service_id
