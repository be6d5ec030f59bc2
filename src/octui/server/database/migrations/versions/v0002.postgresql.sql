CREATE TABLE agent_day (
    service_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    opening TEXT COLLATE "C" NOT NULL,
    time_zone TEXT COLLATE "C" NOT NULL,
    CONSTRAINT pk_agent_day PRIMARY KEY (service_id, member_id, day)
)

CREATE TABLE agent_state (
    service_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    state TEXT COLLATE "C",
    since BIGINT,
    context TEXT COLLATE "C" NOT NULL,
    changed BIGINT NOT NULL,
    CONSTRAINT pk_agent_state PRIMARY KEY (service_id, member_id)
)

CREATE TABLE attempt (
    bucket TEXT COLLATE "C" NOT NULL,
    failures INTEGER NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL,
    forgotten BIGINT NOT NULL,
    CONSTRAINT pk_attempt PRIMARY KEY (bucket)
)

CREATE INDEX ix_attempt_forgotten ON attempt (forgotten)

CREATE TABLE audit (
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    action_id BIGINT NOT NULL,
    service_id BIGINT NOT NULL,
    ip_id BIGINT NOT NULL,
    via TEXT COLLATE "C" NOT NULL,
    before TEXT COLLATE "C" NOT NULL,
    after TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (seq)
)

CREATE INDEX ix_audit_action_id_seq ON audit (action_id, seq)

CREATE INDEX ix_audit_actor_id_seq_service_id_action_id ON audit (actor_id, seq, service_id, action_id)

CREATE INDEX ix_audit_at ON audit (at)

CREATE INDEX ix_audit_ip_id_seq_service_id_action_id ON audit (ip_id, seq, service_id, action_id)

CREATE INDEX ix_audit_service_id_action_id_seq ON audit (service_id, action_id, seq)

CREATE INDEX ix_audit_target_id_seq_service_id_action_id ON audit (target_id, seq, service_id, action_id)

CREATE TABLE audit_action (
    id BIGSERIAL NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    rows BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_audit_action PRIMARY KEY (id),
    CONSTRAINT uq_audit_action_action UNIQUE (action)
)

CREATE TABLE audit_head (
    id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_head PRIMARY KEY (id)
)

CREATE TABLE audit_ip (
    id BIGSERIAL NOT NULL,
    ip TEXT COLLATE "C" NOT NULL,
    packed BYTEA NOT NULL,
    rows BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_audit_ip PRIMARY KEY (id),
    CONSTRAINT uq_audit_ip_ip UNIQUE (ip)
)

CREATE INDEX ix_audit_ip_packed ON audit_ip (packed)

CREATE TABLE audit_person (
    id BIGSERIAL NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    folded_account TEXT COLLATE "C" NOT NULL,
    folded TEXT COLLATE "C" NOT NULL,
    choseong TEXT COLLATE "C" NOT NULL,
    actor_rows BIGINT DEFAULT 0 NOT NULL,
    target_rows BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_audit_person PRIMARY KEY (id),
    CONSTRAINT uq_audit_person_account_name UNIQUE (account, name)
)

CREATE TABLE audit_service (
    id BIGSERIAL NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    rows BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_audit_service PRIMARY KEY (id),
    CONSTRAINT uq_audit_service_code UNIQUE (code)
)

CREATE TABLE closed_charge (
    month INTEGER NOT NULL,
    service_id BIGINT NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    total BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT pk_closed_charge PRIMARY KEY (month, service_id)
)

CREATE TABLE closed_month (
    month INTEGER NOT NULL,
    closed BIGINT NOT NULL,
    CONSTRAINT pk_closed_month PRIMARY KEY (month)
)

CREATE TABLE cti_log_day (
    service_id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    count BIGINT NOT NULL,
    CONSTRAINT pk_cti_log_day PRIMARY KEY (service_id, day)
)

CREATE TABLE cti_log_floor (
    service_id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_cti_log_floor PRIMARY KEY (service_id)
)

CREATE TABLE cti_settings (
    id INTEGER NOT NULL,
    cti_version TEXT COLLATE "C",
    tenant_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
    tenant_name TEXT COLLATE "C" DEFAULT '' NOT NULL,
    monitoring BOOLEAN NOT NULL,
    retention_years INTEGER DEFAULT 2 NOT NULL,
    version BIGINT DEFAULT 1 NOT NULL,
    CONSTRAINT pk_cti_settings PRIMARY KEY (id)
)

CREATE TABLE event (
    id BIGSERIAL NOT NULL,
    source_id BIGINT NOT NULL,
    event_id TEXT COLLATE "C" NOT NULL,
    service_id BIGINT NOT NULL,
    member_id BIGINT,
    at BIGINT NOT NULL,
    sequence BIGINT DEFAULT 0 NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    ticket TEXT COLLATE "C",
    cti_day INTEGER,
    CONSTRAINT pk_event PRIMARY KEY (id),
    CONSTRAINT uq_event_service_id_source_id_event_id UNIQUE (service_id, source_id, event_id)
)

CREATE INDEX ix_event_chat_opened ON event (service_id, at) WHERE type = 'octui.chat.opened'

CREATE INDEX ix_event_cti_log ON event (service_id, cti_day, id) WHERE cti_day IS NOT NULL

CREATE INDEX ix_event_service_id_member_id_at ON event (service_id, member_id, at)

CREATE INDEX ix_event_ticket ON event (service_id, ticket) WHERE ticket IS NOT NULL

CREATE TABLE figure (
    service_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    ms BIGINT NOT NULL,
    CONSTRAINT pk_figure PRIMARY KEY (service_id, member_id, day, channel, state)
)

CREATE INDEX ix_figure_calls ON figure (service_id, day) WHERE state IN ('inbound_calls', 'outbound_calls')

CREATE TABLE idempotency (
    caller TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    status INTEGER NOT NULL,
    body BYTEA NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (caller, key)
)

CREATE INDEX ix_idempotency_at ON idempotency (at)

CREATE TABLE interval (
    id BIGSERIAL NOT NULL,
    service_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    start BIGINT NOT NULL,
    "end" BIGINT NOT NULL,
    counted INTEGER NOT NULL,
    call TEXT COLLATE "C",
    emitted INTEGER NOT NULL,
    CONSTRAINT pk_interval PRIMARY KEY (id)
)

CREATE INDEX ix_interval_service_id_member_id_day ON interval (service_id, member_id, day)

CREATE TABLE mail (
    id BIGSERIAL NOT NULL,
    recipient TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL,
    params TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    tries INTEGER NOT NULL,
    since BIGINT NOT NULL,
    next_try BIGINT NOT NULL,
    last_error TEXT COLLATE "C" DEFAULT '' NOT NULL,
    CONSTRAINT pk_mail PRIMARY KEY (id),
    CONSTRAINT uq_mail_about UNIQUE (about)
)

CREATE INDEX ix_mail_waiting ON mail (next_try) WHERE state = 'waiting'

CREATE TABLE member (
    id BIGSERIAL NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    nickname TEXT COLLATE "C" DEFAULT '' NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    phone TEXT COLLATE "C" DEFAULT '' NOT NULL,
    language TEXT COLLATE "C" DEFAULT 'ko' NOT NULL,
    folded TEXT COLLATE "C" NOT NULL,
    choseong TEXT COLLATE "C" NOT NULL,
    version BIGINT DEFAULT 1 NOT NULL,
    state TEXT COLLATE "C" DEFAULT 'active' NOT NULL,
    ticket_assignment BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT pk_member PRIMARY KEY (id),
    CONSTRAINT uq_member_account UNIQUE (account)
)

CREATE TABLE organization (
    id INTEGER NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    domain TEXT COLLATE "C" NOT NULL,
    time_zone TEXT COLLATE "C" NOT NULL,
    owner_account TEXT COLLATE "C" NOT NULL,
    ipcc_agreed BOOLEAN DEFAULT false NOT NULL,
    mobile_contact_activated BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_organization PRIMARY KEY (id),
    CONSTRAINT uq_organization_code UNIQUE (code)
)

CREATE TABLE organization_key (
    id INTEGER NOT NULL,
    sealed BYTEA NOT NULL,
    tail TEXT COLLATE "C" NOT NULL,
    changed BIGINT NOT NULL,
    shown BIGINT,
    version BIGINT NOT NULL,
    CONSTRAINT pk_organization_key PRIMARY KEY (id)
)

CREATE TABLE rate (
    valid_from INTEGER NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    monthly BIGINT NOT NULL,
    per_day BIGINT NOT NULL,
    per_user BOOLEAN NOT NULL,
    free_count BIGINT,
    tier1_cap BIGINT,
    tier1_price BIGINT,
    tier2_price BIGINT,
    CONSTRAINT pk_rate PRIMARY KEY (valid_from, item)
)

CREATE TABLE removal (
    topic TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    CONSTRAINT pk_removal PRIMARY KEY (topic, key)
)

CREATE TABLE revision (
    topic TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    CONSTRAINT pk_revision PRIMARY KEY (topic)
)

CREATE TABLE service (
    id BIGSERIAL NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    time_zone TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" DEFAULT 'inuse' NOT NULL,
    version BIGINT DEFAULT 1 NOT NULL,
    registered_day INTEGER,
    edited_day INTEGER,
    terminated_day INTEGER,
    CONSTRAINT pk_service PRIMARY KEY (id),
    CONSTRAINT uq_service_code UNIQUE (code),
    CONSTRAINT uq_service_name UNIQUE (name)
)

CREATE TABLE source (
    id BIGSERIAL NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    CONSTRAINT pk_source PRIMARY KEY (id),
    CONSTRAINT uq_source_name UNIQUE (name)
)

CREATE TABLE steady_clock (
    id BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    since BIGINT NOT NULL,
    CONSTRAINT pk_steady_clock PRIMARY KEY (id)
)

CREATE TABLE ticket (
    service_id BIGINT NOT NULL,
    ticket TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    owner_id BIGINT,
    at BIGINT NOT NULL,
    solved_at BIGINT,
    solved_by BIGINT,
    closed_at BIGINT,
    closed_by BIGINT,
    first_at BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_ticket PRIMARY KEY (service_id, ticket)
)

CREATE INDEX ix_ticket_service_id_closed_by_closed_at ON ticket (service_id, closed_by, closed_at)

CREATE INDEX ix_ticket_service_id_first_at ON ticket (service_id, first_at)

CREATE INDEX ix_ticket_service_id_owner_id_state ON ticket (service_id, owner_id, state)

CREATE INDEX ix_ticket_service_id_solved_by_solved_at ON ticket (service_id, solved_by, solved_at)

CREATE TABLE agent (
    id BIGSERIAL NOT NULL,
    service_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    ticket BOOLEAN NOT NULL,
    chat BOOLEAN NOT NULL,
    phone BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    CONSTRAINT pk_agent PRIMARY KEY (id),
    CONSTRAINT uq_agent_service_id_member_id UNIQUE (service_id, member_id),
    CONSTRAINT fk_agent_service_id FOREIGN KEY(service_id) REFERENCES service (id),
    CONSTRAINT fk_agent_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)

CREATE INDEX ix_agent_member_id ON agent (member_id)

CREATE INDEX ix_agent_service_id_changed ON agent (service_id, changed)

CREATE TABLE contract_item (
    service_id BIGINT NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    users INTEGER DEFAULT 1 NOT NULL,
    volume BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_contract_item PRIMARY KEY (service_id, item),
    CONSTRAINT fk_contract_item_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)

CREATE TABLE contract_version (
    service_id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    users INTEGER NOT NULL,
    CONSTRAINT pk_contract_version PRIMARY KEY (service_id, day, item),
    CONSTRAINT fk_contract_version_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)

CREATE TABLE cti_agent (
    member_id BIGINT NOT NULL,
    cti_id TEXT COLLATE "C",
    cti_no TEXT COLLATE "C",
    version BIGINT NOT NULL,
    cti_id_version BIGINT DEFAULT 0 NOT NULL,
    cti_no_version BIGINT DEFAULT 0 NOT NULL,
    changed BIGINT NOT NULL,
    CONSTRAINT pk_cti_agent PRIMARY KEY (member_id),
    CONSTRAINT fk_cti_agent_member_id FOREIGN KEY(member_id) REFERENCES member (id),
    CONSTRAINT uq_cti_agent_cti_id UNIQUE (cti_id),
    CONSTRAINT uq_cti_agent_cti_no UNIQUE (cti_no)
)

CREATE INDEX ix_cti_agent_changed ON cti_agent (changed)

CREATE TABLE discount (
    service_id BIGINT NOT NULL,
    valid_from INTEGER NOT NULL,
    basis_points INTEGER NOT NULL,
    CONSTRAINT pk_discount PRIMARY KEY (service_id, valid_from),
    CONSTRAINT fk_discount_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)

CREATE TABLE invitation (
    id TEXT COLLATE "C" NOT NULL,
    member_id BIGINT NOT NULL,
    invited_by TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    code BYTEA,
    expires BIGINT,
    CONSTRAINT pk_invitation PRIMARY KEY (id),
    CONSTRAINT uq_invitation_member_id UNIQUE (member_id),
    CONSTRAINT fk_invitation_member_id FOREIGN KEY(member_id) REFERENCES member (id),
    CONSTRAINT uq_invitation_code UNIQUE (code)
)

CREATE TABLE organization_admin (
    member_id BIGINT NOT NULL,
    CONSTRAINT pk_organization_admin PRIMARY KEY (member_id),
    CONSTRAINT fk_organization_admin_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)

CREATE TABLE password (
    member_id BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    changed BIGINT NOT NULL,
    CONSTRAINT pk_password PRIMARY KEY (member_id),
    CONSTRAINT fk_password_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)

CREATE TABLE service_banner (
    service_id BIGINT NOT NULL,
    image BYTEA NOT NULL,
    media_type TEXT COLLATE "C" NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    changed BIGINT NOT NULL,
    CONSTRAINT pk_service_banner PRIMARY KEY (service_id),
    CONSTRAINT fk_service_banner_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)

CREATE TABLE service_language (
    service_id BIGINT NOT NULL,
    position INTEGER NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    CONSTRAINT pk_service_language PRIMARY KEY (service_id, position),
    CONSTRAINT fk_service_language_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)

CREATE TABLE token (
    hash BYTEA NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    member_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    device TEXT COLLATE "C" DEFAULT '' NOT NULL,
    ip TEXT COLLATE "C" DEFAULT '' NOT NULL,
    created BIGINT NOT NULL,
    last_used BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    idle BIGINT,
    CONSTRAINT pk_token PRIMARY KEY (hash),
    CONSTRAINT uq_token_id UNIQUE (id),
    CONSTRAINT fk_token_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)

CREATE INDEX ix_token_member_id ON token (member_id)

CREATE FUNCTION octui_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN  RAISE EXCEPTION 'the permission-change log is append-only' USING ERRCODE = 'insufficient_privilege'; END $$

CREATE FUNCTION octui_audit_next() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.seq = (SELECT coalesce(max(seq), 0) + 1 FROM audit) AND NEW.at >= coalesce((SELECT at FROM audit ORDER BY seq DESC LIMIT 1), 0) THEN RETURN NEW; END IF; RAISE EXCEPTION 'the permission-change log takes only the next entry' USING ERRCODE = 'insufficient_privilege'; END $$

CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_only_next BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION octui_audit_next()

CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_head_only_on BEFORE UPDATE ON audit_head FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.seq <= OLD.seq) EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_head_one BEFORE INSERT ON audit_head FOR EACH ROW WHEN (NEW.id <> 1) EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_person_no_update BEFORE UPDATE OF id, account, name, folded_account, folded, choseong ON audit_person FOR EACH ROW EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_person_no_delete BEFORE DELETE ON audit_person FOR EACH ROW EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_ip_no_update BEFORE UPDATE OF id, ip, packed ON audit_ip FOR EACH ROW EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_ip_no_delete BEFORE DELETE ON audit_ip FOR EACH ROW EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_service_no_update BEFORE UPDATE OF id, code ON audit_service FOR EACH ROW EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_service_no_delete BEFORE DELETE ON audit_service FOR EACH ROW EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_action_no_update BEFORE UPDATE OF id, action ON audit_action FOR EACH ROW EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_action_no_delete BEFORE DELETE ON audit_action FOR EACH ROW EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_person_no_truncate BEFORE TRUNCATE ON audit_person FOR EACH STATEMENT EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_ip_no_truncate BEFORE TRUNCATE ON audit_ip FOR EACH STATEMENT EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_service_no_truncate BEFORE TRUNCATE ON audit_service FOR EACH STATEMENT EXECUTE FUNCTION octui_audit_refuse()

CREATE TRIGGER audit_action_no_truncate BEFORE TRUNCATE ON audit_action FOR EACH STATEMENT EXECUTE FUNCTION octui_audit_refuse()

INSERT INTO rate (valid_from, item, monthly, per_day, per_user, free_count, tier1_cap, tier1_price, tier2_price) VALUES
    (19700101, 'ticket', 10000, 333, true, 3000, NULL, 50000, NULL),
    (19700101, 'telticket', 70000, 2333, true, 6000, 40000, 3000, 1500),
    (19700101, 'chat', 10000, 333, true, 3000, NULL, 50000, NULL),
    (19700101, 'endusermanagement', 250000, 8333, false, NULL, NULL, NULL, NULL),
    (19700101, 'callback', 50000, 1667, false, NULL, NULL, NULL, NULL),
    (19700101, 'helpdoc', 50000, 1667, false, NULL, NULL, NULL, NULL),
    (19700101, 'knowledge', 50000, 1667, false, NULL, NULL, NULL, NULL),
    (19700101, 'ticketevaluation', 100000, 3333, false, NULL, NULL, NULL, NULL)
