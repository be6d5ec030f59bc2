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

CREATE TABLE unmatched_name (
    service_id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    member_id BIGINT,
    reason TEXT COLLATE "C",
    CONSTRAINT pk_unmatched_name PRIMARY KEY (service_id, name)
)

CREATE TABLE pbx_name (
    name TEXT COLLATE "C" NOT NULL,
    member_id BIGINT NOT NULL,
    CONSTRAINT pk_pbx_name PRIMARY KEY (name),
    CONSTRAINT fk_pbx_name_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)

CREATE INDEX ix_pbx_name_member_id ON pbx_name (member_id)

ALTER TABLE event ADD COLUMN file_id BIGINT

ALTER TABLE event ADD COLUMN line BIGINT
