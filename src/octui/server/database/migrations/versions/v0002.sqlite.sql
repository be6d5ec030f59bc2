CREATE TABLE agent_day (
    service_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    opening TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    CONSTRAINT pk_agent_day PRIMARY KEY (service_id, member_id, day)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE agent_state (
    service_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT,
    since INTEGER,
    context TEXT NOT NULL,
    changed INTEGER NOT NULL,
    CONSTRAINT pk_agent_state PRIMARY KEY (service_id, member_id)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE attempt (
    bucket TEXT NOT NULL,
    failures INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    forgotten INTEGER NOT NULL,
    CONSTRAINT pk_attempt PRIMARY KEY (bucket)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX ix_attempt_forgotten ON attempt (forgotten)

CREATE TABLE audit (
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    action_id INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    ip_id INTEGER NOT NULL,
    via TEXT NOT NULL,
    "before" TEXT NOT NULL,
    "after" TEXT NOT NULL,
    hash BLOB NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (seq)
)
 STRICT

CREATE INDEX ix_audit_action_id_seq ON audit (action_id, seq)

CREATE INDEX ix_audit_actor_id_seq_service_id_action_id ON audit (actor_id, seq, service_id, action_id)

CREATE INDEX ix_audit_at ON audit (at)

CREATE INDEX ix_audit_ip_id_seq_service_id_action_id ON audit (ip_id, seq, service_id, action_id)

CREATE INDEX ix_audit_service_id_action_id_seq ON audit (service_id, action_id, seq)

CREATE INDEX ix_audit_target_id_seq_service_id_action_id ON audit (target_id, seq, service_id, action_id)

CREATE TABLE audit_action (
    id INTEGER NOT NULL,
    action TEXT NOT NULL,
    rows INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_audit_action PRIMARY KEY (id),
    CONSTRAINT uq_audit_action_action UNIQUE (action)
)
 STRICT

CREATE TABLE audit_head (
    id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    hash BLOB NOT NULL,
    CONSTRAINT pk_audit_head PRIMARY KEY (id)
)
 STRICT

CREATE TABLE audit_ip (
    id INTEGER NOT NULL,
    ip TEXT NOT NULL,
    packed BLOB NOT NULL,
    rows INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_audit_ip PRIMARY KEY (id),
    CONSTRAINT uq_audit_ip_ip UNIQUE (ip)
)
 STRICT

CREATE INDEX ix_audit_ip_packed ON audit_ip (packed)

CREATE TABLE audit_person (
    id INTEGER NOT NULL,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    folded_account TEXT NOT NULL,
    folded TEXT NOT NULL,
    choseong TEXT NOT NULL,
    actor_rows INTEGER DEFAULT 0 NOT NULL,
    target_rows INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_audit_person PRIMARY KEY (id),
    CONSTRAINT uq_audit_person_account_name UNIQUE (account, name)
)
 STRICT

CREATE TABLE audit_service (
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    rows INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_audit_service PRIMARY KEY (id),
    CONSTRAINT uq_audit_service_code UNIQUE (code)
)
 STRICT

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

CREATE TABLE cti_settings (
    id INTEGER NOT NULL,
    cti_version TEXT,
    tenant_id TEXT DEFAULT '' NOT NULL,
    tenant_name TEXT DEFAULT '' NOT NULL,
    monitoring INTEGER NOT NULL,
    retention_years INTEGER DEFAULT 2 NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_cti_settings PRIMARY KEY (id)
)
 STRICT

CREATE TABLE event (
    id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    service_id INTEGER NOT NULL,
    member_id INTEGER,
    at INTEGER NOT NULL,
    sequence INTEGER DEFAULT 0 NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    ticket TEXT,
    cti_day INTEGER,
    CONSTRAINT pk_event PRIMARY KEY (id),
    CONSTRAINT uq_event_service_id_source_id_event_id UNIQUE (service_id, source_id, event_id)
)
 STRICT

CREATE INDEX ix_event_chat_opened ON event (service_id, at) WHERE type = 'octui.chat.opened'

CREATE INDEX ix_event_cti_log ON event (service_id, cti_day, id) WHERE cti_day IS NOT NULL

CREATE INDEX ix_event_service_id_member_id_at ON event (service_id, member_id, at)

CREATE INDEX ix_event_ticket ON event (service_id, ticket) WHERE ticket IS NOT NULL

CREATE TABLE figure (
    service_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    ms INTEGER NOT NULL,
    CONSTRAINT pk_figure PRIMARY KEY (service_id, member_id, day, channel, state)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX ix_figure_calls ON figure (service_id, day) WHERE state IN ('inbound_calls', 'outbound_calls')

CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    "key" TEXT NOT NULL,
    digest BLOB NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (caller, "key")
)
 STRICT

CREATE INDEX ix_idempotency_at ON idempotency (at)

CREATE TABLE interval (
    id INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    call TEXT,
    emitted INTEGER NOT NULL,
    CONSTRAINT pk_interval PRIMARY KEY (id)
)
 STRICT

CREATE INDEX ix_interval_service_id_member_id_day ON interval (service_id, member_id, day)

CREATE TABLE mail (
    id INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    params TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    since INTEGER NOT NULL,
    next_try INTEGER NOT NULL,
    last_error TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_mail PRIMARY KEY (id),
    CONSTRAINT uq_mail_about UNIQUE (about)
)
 STRICT

CREATE INDEX ix_mail_waiting ON mail (next_try) WHERE state = 'waiting'

CREATE TABLE member (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    nickname TEXT DEFAULT '' NOT NULL,
    email TEXT NOT NULL,
    phone TEXT DEFAULT '' NOT NULL,
    language TEXT DEFAULT 'ko' NOT NULL,
    folded TEXT NOT NULL,
    choseong TEXT NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    state TEXT DEFAULT 'active' NOT NULL,
    ticket_assignment INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT uq_member_account UNIQUE (account)
)
 STRICT

CREATE TABLE organization (
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    domain TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    owner_account TEXT NOT NULL,
    ipcc_agreed INTEGER DEFAULT 0 NOT NULL,
    mobile_contact_activated INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_organization PRIMARY KEY (id),
    CONSTRAINT uq_organization_code UNIQUE (code)
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

CREATE TABLE removal (
    topic TEXT NOT NULL,
    "key" TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_removal PRIMARY KEY (topic, "key")
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE revision (
    topic TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_revision PRIMARY KEY (topic)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE service (
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    state TEXT DEFAULT 'inuse' NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    registered_day INTEGER,
    edited_day INTEGER,
    terminated_day INTEGER,
    CONSTRAINT pk_service PRIMARY KEY (id),
    CONSTRAINT uq_service_code UNIQUE (code),
    CONSTRAINT uq_service_name UNIQUE (name)
)
 STRICT

CREATE TABLE source (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT pk_source PRIMARY KEY (id),
    CONSTRAINT uq_source_name UNIQUE (name)
)
 STRICT

CREATE TABLE steady_clock (
    id INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    since INTEGER NOT NULL,
    CONSTRAINT pk_steady_clock PRIMARY KEY (id)
)
 STRICT

CREATE TABLE ticket (
    service_id INTEGER NOT NULL,
    ticket TEXT NOT NULL,
    state TEXT NOT NULL,
    owner_id INTEGER,
    at INTEGER NOT NULL,
    solved_at INTEGER,
    solved_by INTEGER,
    closed_at INTEGER,
    closed_by INTEGER,
    first_at INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_ticket PRIMARY KEY (service_id, ticket)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX ix_ticket_service_id_closed_by_closed_at ON ticket (service_id, closed_by, closed_at)

CREATE INDEX ix_ticket_service_id_first_at ON ticket (service_id, first_at)

CREATE INDEX ix_ticket_service_id_owner_id_state ON ticket (service_id, owner_id, state)

CREATE INDEX ix_ticket_service_id_solved_by_solved_at ON ticket (service_id, solved_by, solved_at)

CREATE TABLE agent (
    id INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    role TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    chat INTEGER NOT NULL,
    phone INTEGER NOT NULL,
    version INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    CONSTRAINT pk_agent PRIMARY KEY (id),
    CONSTRAINT uq_agent_service_id_member_id UNIQUE (service_id, member_id),
    CONSTRAINT fk_agent_service_id FOREIGN KEY(service_id) REFERENCES service (id),
    CONSTRAINT fk_agent_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)
 STRICT

CREATE INDEX ix_agent_member_id ON agent (member_id)

CREATE INDEX ix_agent_service_id_changed ON agent (service_id, changed)

CREATE TABLE contract_item (
    service_id INTEGER NOT NULL,
    item TEXT NOT NULL,
    users INTEGER DEFAULT 1 NOT NULL,
    volume INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_contract_item PRIMARY KEY (service_id, item),
    CONSTRAINT fk_contract_item_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)
 WITHOUT ROWID,
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

CREATE TABLE cti_agent (
    member_id INTEGER NOT NULL,
    cti_id TEXT,
    cti_no TEXT,
    version INTEGER NOT NULL,
    cti_id_version INTEGER DEFAULT 0 NOT NULL,
    cti_no_version INTEGER DEFAULT 0 NOT NULL,
    changed INTEGER NOT NULL,
    CONSTRAINT pk_cti_agent PRIMARY KEY (member_id),
    CONSTRAINT fk_cti_agent_member_id FOREIGN KEY(member_id) REFERENCES member (id),
    CONSTRAINT uq_cti_agent_cti_id UNIQUE (cti_id),
    CONSTRAINT uq_cti_agent_cti_no UNIQUE (cti_no)
)
 STRICT

CREATE INDEX ix_cti_agent_changed ON cti_agent (changed)

CREATE TABLE discount (
    service_id INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    basis_points INTEGER NOT NULL,
    CONSTRAINT pk_discount PRIMARY KEY (service_id, valid_from),
    CONSTRAINT fk_discount_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE invitation (
    id TEXT NOT NULL,
    member_id INTEGER NOT NULL,
    invited_by TEXT NOT NULL,
    created INTEGER NOT NULL,
    code BLOB,
    expires INTEGER,
    CONSTRAINT pk_invitation PRIMARY KEY (id),
    CONSTRAINT uq_invitation_member_id UNIQUE (member_id),
    CONSTRAINT fk_invitation_member_id FOREIGN KEY(member_id) REFERENCES member (id),
    CONSTRAINT uq_invitation_code UNIQUE (code)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE organization_admin (
    member_id INTEGER NOT NULL,
    CONSTRAINT pk_organization_admin PRIMARY KEY (member_id),
    CONSTRAINT fk_organization_admin_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)
 STRICT

CREATE TABLE password (
    member_id INTEGER NOT NULL,
    hash TEXT NOT NULL,
    changed INTEGER NOT NULL,
    CONSTRAINT pk_password PRIMARY KEY (member_id),
    CONSTRAINT fk_password_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)
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

CREATE TABLE token (
    hash BLOB NOT NULL,
    id TEXT NOT NULL,
    member_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    device TEXT DEFAULT '' NOT NULL,
    ip TEXT DEFAULT '' NOT NULL,
    created INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    idle INTEGER,
    CONSTRAINT pk_token PRIMARY KEY (hash),
    CONSTRAINT uq_token_id UNIQUE (id),
    CONSTRAINT fk_token_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX ix_token_member_id ON token (member_id)

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_only_next BEFORE INSERT ON audit WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit) OR NEW.at < (SELECT at FROM audit ORDER BY seq DESC LIMIT 1) BEGIN SELECT RAISE(ABORT, 'the permission-change log takes only the next entry'); END

CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_head_only_on BEFORE UPDATE ON audit_head WHEN NEW.id IS NOT OLD.id OR NEW.seq <= OLD.seq BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_head_one BEFORE INSERT ON audit_head WHEN NEW.id IS NOT 1 OR EXISTS (SELECT 1 FROM audit_head) BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_person_no_update BEFORE UPDATE OF id, account, name, folded_account, folded, choseong ON audit_person BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_person_no_delete BEFORE DELETE ON audit_person BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_person_no_replace BEFORE INSERT ON audit_person WHEN EXISTS (SELECT 1 FROM audit_person WHERE id = NEW.id OR (account = NEW.account AND name = NEW.name)) BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_ip_no_update BEFORE UPDATE OF id, ip, packed ON audit_ip BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_ip_no_delete BEFORE DELETE ON audit_ip BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_ip_no_replace BEFORE INSERT ON audit_ip WHEN EXISTS (SELECT 1 FROM audit_ip WHERE id = NEW.id OR (ip = NEW.ip)) BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_service_no_update BEFORE UPDATE OF id, code ON audit_service BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_service_no_delete BEFORE DELETE ON audit_service BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_service_no_replace BEFORE INSERT ON audit_service WHEN EXISTS (SELECT 1 FROM audit_service WHERE id = NEW.id OR (code = NEW.code)) BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_action_no_update BEFORE UPDATE OF id, action ON audit_action BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_action_no_delete BEFORE DELETE ON audit_action BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

CREATE TRIGGER audit_action_no_replace BEFORE INSERT ON audit_action WHEN EXISTS (SELECT 1 FROM audit_action WHERE id = NEW.id OR (action = NEW.action)) BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END

INSERT INTO rate (valid_from, item, monthly, per_day, per_user, free_count, tier1_cap, tier1_price, tier2_price) VALUES
    (19700101, 'ticket', 10000, 333, 1, 3000, NULL, 50000, NULL),
    (19700101, 'telticket', 70000, 2333, 1, 6000, 40000, 3000, 1500),
    (19700101, 'chat', 10000, 333, 1, 3000, NULL, 50000, NULL),
    (19700101, 'endusermanagement', 250000, 8333, 0, NULL, NULL, NULL, NULL),
    (19700101, 'callback', 50000, 1667, 0, NULL, NULL, NULL, NULL),
    (19700101, 'helpdoc', 50000, 1667, 0, NULL, NULL, NULL, NULL),
    (19700101, 'knowledge', 50000, 1667, 0, NULL, NULL, NULL, NULL),
    (19700101, 'ticketevaluation', 100000, 3333, 0, NULL, NULL, NULL, NULL)
