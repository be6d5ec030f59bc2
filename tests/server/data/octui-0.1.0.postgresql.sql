SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;

CREATE FUNCTION public.octui_audit_next() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.seq = (SELECT coalesce(max(seq), 0) + 1 FROM audit) AND NEW.at >= coalesce((SELECT at FROM audit ORDER BY seq DESC LIMIT 1), 0) THEN RETURN NEW; END IF; RAISE EXCEPTION 'the permission-change log takes only the next entry' USING ERRCODE = 'insufficient_privilege'; END $$;

CREATE FUNCTION public.octui_audit_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN  RAISE EXCEPTION 'the permission-change log is append-only' USING ERRCODE = 'insufficient_privilege'; END $$;

CREATE TABLE public.agent (
    id bigint NOT NULL,
    service_id bigint NOT NULL,
    member_id bigint NOT NULL,
    role text NOT NULL COLLATE pg_catalog."C",
    ticket boolean NOT NULL,
    chat boolean NOT NULL,
    phone boolean NOT NULL,
    version bigint NOT NULL,
    changed bigint NOT NULL
);

CREATE TABLE public.agent_day (
    service_id bigint NOT NULL,
    member_id bigint NOT NULL,
    day integer NOT NULL,
    opening text NOT NULL COLLATE pg_catalog."C",
    time_zone text NOT NULL COLLATE pg_catalog."C"
);

CREATE SEQUENCE public.agent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.agent_id_seq OWNED BY public.agent.id;

CREATE TABLE public.agent_state (
    service_id bigint NOT NULL,
    member_id bigint NOT NULL,
    at bigint NOT NULL,
    state text COLLATE pg_catalog."C",
    since bigint,
    context text NOT NULL COLLATE pg_catalog."C",
    changed bigint NOT NULL
);

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE public.attempt (
    bucket text NOT NULL COLLATE pg_catalog."C",
    failures integer NOT NULL,
    since bigint NOT NULL,
    until bigint NOT NULL,
    forgotten bigint NOT NULL
);

CREATE TABLE public.audit (
    seq bigint NOT NULL,
    at bigint NOT NULL,
    actor_id bigint NOT NULL,
    target_id bigint NOT NULL,
    action_id bigint NOT NULL,
    service_id bigint NOT NULL,
    ip_id bigint NOT NULL,
    via text NOT NULL COLLATE pg_catalog."C",
    before text NOT NULL COLLATE pg_catalog."C",
    after text NOT NULL COLLATE pg_catalog."C",
    hash bytea NOT NULL
);

CREATE TABLE public.audit_action (
    id bigint CONSTRAINT audit_action_id_not_null1 NOT NULL,
    action text NOT NULL COLLATE pg_catalog."C",
    rows bigint DEFAULT 0 NOT NULL
);

CREATE SEQUENCE public.audit_action_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.audit_action_id_seq OWNED BY public.audit_action.id;

CREATE TABLE public.audit_head (
    id integer NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    hash bytea NOT NULL
);

CREATE TABLE public.audit_ip (
    id bigint CONSTRAINT audit_ip_id_not_null1 NOT NULL,
    ip text NOT NULL COLLATE pg_catalog."C",
    packed bytea NOT NULL,
    rows bigint DEFAULT 0 NOT NULL
);

CREATE SEQUENCE public.audit_ip_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.audit_ip_id_seq OWNED BY public.audit_ip.id;

CREATE TABLE public.audit_person (
    id bigint NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    folded_account text NOT NULL COLLATE pg_catalog."C",
    folded text NOT NULL COLLATE pg_catalog."C",
    choseong text NOT NULL COLLATE pg_catalog."C",
    actor_rows bigint DEFAULT 0 NOT NULL,
    target_rows bigint DEFAULT 0 NOT NULL
);

CREATE SEQUENCE public.audit_person_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.audit_person_id_seq OWNED BY public.audit_person.id;

CREATE TABLE public.audit_service (
    id bigint CONSTRAINT audit_service_id_not_null1 NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    rows bigint DEFAULT 0 NOT NULL
);

CREATE SEQUENCE public.audit_service_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.audit_service_id_seq OWNED BY public.audit_service.id;

CREATE TABLE public.closed_charge (
    month integer NOT NULL,
    service_id bigint NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    total bigint NOT NULL,
    body text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.closed_month (
    month integer NOT NULL,
    closed bigint NOT NULL
);

CREATE TABLE public.contract_item (
    service_id bigint NOT NULL,
    item text NOT NULL COLLATE pg_catalog."C",
    users integer DEFAULT 1 NOT NULL,
    volume bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.contract_version (
    service_id bigint NOT NULL,
    day integer NOT NULL,
    item text NOT NULL COLLATE pg_catalog."C",
    users integer NOT NULL
);

CREATE TABLE public.cti_agent (
    member_id bigint NOT NULL,
    cti_id text COLLATE pg_catalog."C",
    cti_no text COLLATE pg_catalog."C",
    version bigint NOT NULL,
    cti_id_version bigint DEFAULT 0 NOT NULL,
    cti_no_version bigint DEFAULT 0 NOT NULL,
    changed bigint NOT NULL
);

CREATE TABLE public.cti_log_day (
    service_id bigint NOT NULL,
    day integer NOT NULL,
    count bigint NOT NULL
);

CREATE TABLE public.cti_log_floor (
    service_id bigint NOT NULL,
    day integer NOT NULL,
    at bigint NOT NULL
);

CREATE TABLE public.cti_settings (
    id integer NOT NULL,
    cti_version text COLLATE pg_catalog."C",
    tenant_id text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    tenant_name text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    monitoring boolean NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    retention_years integer DEFAULT 2 NOT NULL
);

CREATE TABLE public.discount (
    service_id bigint NOT NULL,
    valid_from integer NOT NULL,
    basis_points integer NOT NULL
);

CREATE TABLE public.event (
    id bigint NOT NULL,
    source_id bigint NOT NULL,
    event_id text NOT NULL COLLATE pg_catalog."C",
    service_id bigint NOT NULL,
    member_id bigint,
    at bigint NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    data text NOT NULL COLLATE pg_catalog."C",
    ticket text COLLATE pg_catalog."C",
    cti_day integer
);

CREATE SEQUENCE public.event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.event_id_seq OWNED BY public.event.id;

CREATE TABLE public.figure (
    service_id bigint NOT NULL,
    member_id bigint NOT NULL,
    day integer NOT NULL,
    channel text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    count bigint NOT NULL,
    ms bigint NOT NULL
);

CREATE TABLE public.idempotency (
    caller text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    status integer NOT NULL,
    body bytea NOT NULL,
    at bigint NOT NULL
);

CREATE TABLE public."interval" (
    id bigint NOT NULL,
    service_id bigint NOT NULL,
    member_id bigint NOT NULL,
    day integer NOT NULL,
    channel text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    start bigint NOT NULL,
    "end" bigint NOT NULL,
    counted integer NOT NULL,
    call text COLLATE pg_catalog."C",
    emitted integer NOT NULL
);

CREATE SEQUENCE public.interval_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.interval_id_seq OWNED BY public."interval".id;

CREATE TABLE public.invitation (
    id text NOT NULL COLLATE pg_catalog."C",
    member_id bigint NOT NULL,
    invited_by text NOT NULL COLLATE pg_catalog."C",
    created bigint NOT NULL,
    code bytea,
    expires bigint
);

CREATE TABLE public.mail (
    id bigint NOT NULL,
    recipient text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    about text NOT NULL COLLATE pg_catalog."C",
    params text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    tries integer NOT NULL,
    since bigint NOT NULL,
    next_try bigint NOT NULL,
    last_error text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);

CREATE SEQUENCE public.mail_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.mail_id_seq OWNED BY public.mail.id;

CREATE TABLE public.member (
    id bigint NOT NULL,
    account text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    nickname text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL COLLATE pg_catalog."C",
    phone text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    language text DEFAULT 'ko'::text NOT NULL COLLATE pg_catalog."C",
    folded text NOT NULL COLLATE pg_catalog."C",
    choseong text NOT NULL COLLATE pg_catalog."C",
    version bigint DEFAULT 1 NOT NULL,
    state text DEFAULT 'active'::text NOT NULL COLLATE pg_catalog."C",
    ticket_assignment boolean DEFAULT true NOT NULL
);

CREATE SEQUENCE public.member_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.member_id_seq OWNED BY public.member.id;

CREATE TABLE public.organization (
    id integer NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    domain text NOT NULL COLLATE pg_catalog."C",
    time_zone text NOT NULL COLLATE pg_catalog."C",
    owner_account text NOT NULL COLLATE pg_catalog."C",
    ipcc_agreed boolean DEFAULT false NOT NULL,
    mobile_contact_activated boolean DEFAULT false NOT NULL
);

CREATE TABLE public.organization_admin (
    member_id bigint NOT NULL
);

CREATE TABLE public.organization_key (
    id integer NOT NULL,
    sealed bytea NOT NULL,
    tail text NOT NULL COLLATE pg_catalog."C",
    changed bigint NOT NULL,
    shown bigint,
    version bigint NOT NULL
);

CREATE TABLE public.password (
    member_id bigint NOT NULL,
    hash text NOT NULL COLLATE pg_catalog."C",
    changed bigint NOT NULL
);

CREATE TABLE public.rate (
    valid_from integer NOT NULL,
    item text NOT NULL COLLATE pg_catalog."C",
    monthly bigint NOT NULL,
    per_day bigint NOT NULL,
    per_user boolean NOT NULL,
    free_count bigint,
    tier1_cap bigint,
    tier1_price bigint,
    tier2_price bigint
);

CREATE TABLE public.removal (
    topic text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL
);

CREATE TABLE public.revision (
    topic text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL
);

CREATE TABLE public.service (
    id bigint NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    language text NOT NULL COLLATE pg_catalog."C",
    time_zone text NOT NULL COLLATE pg_catalog."C",
    state text DEFAULT 'inuse'::text NOT NULL COLLATE pg_catalog."C",
    version bigint DEFAULT 1 NOT NULL,
    registered_day integer,
    edited_day integer,
    terminated_day integer
);

CREATE TABLE public.service_banner (
    service_id bigint NOT NULL,
    image bytea NOT NULL,
    media_type text NOT NULL COLLATE pg_catalog."C",
    width integer NOT NULL,
    height integer NOT NULL,
    changed bigint NOT NULL
);

CREATE SEQUENCE public.service_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.service_id_seq OWNED BY public.service.id;

CREATE TABLE public.service_language (
    service_id bigint NOT NULL,
    "position" integer NOT NULL,
    language text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.source (
    id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C"
);

CREATE SEQUENCE public.source_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.source_id_seq OWNED BY public.source.id;

CREATE TABLE public.steady_clock (
    id bigint NOT NULL,
    seen bigint NOT NULL,
    since bigint NOT NULL
);

CREATE TABLE public.ticket (
    service_id bigint NOT NULL,
    ticket text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    owner_id bigint,
    at bigint NOT NULL,
    solved_at bigint,
    solved_by bigint,
    closed_at bigint,
    closed_by bigint,
    first_at bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.token (
    hash bytea NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    member_id bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    device text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    ip text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    created bigint NOT NULL,
    last_used bigint NOT NULL,
    expires bigint NOT NULL,
    idle bigint
);

ALTER TABLE ONLY public.agent ALTER COLUMN id SET DEFAULT nextval('public.agent_id_seq'::regclass);

ALTER TABLE ONLY public.audit_action ALTER COLUMN id SET DEFAULT nextval('public.audit_action_id_seq'::regclass);

ALTER TABLE ONLY public.audit_ip ALTER COLUMN id SET DEFAULT nextval('public.audit_ip_id_seq'::regclass);

ALTER TABLE ONLY public.audit_person ALTER COLUMN id SET DEFAULT nextval('public.audit_person_id_seq'::regclass);

ALTER TABLE ONLY public.audit_service ALTER COLUMN id SET DEFAULT nextval('public.audit_service_id_seq'::regclass);

ALTER TABLE ONLY public.event ALTER COLUMN id SET DEFAULT nextval('public.event_id_seq'::regclass);

ALTER TABLE ONLY public."interval" ALTER COLUMN id SET DEFAULT nextval('public.interval_id_seq'::regclass);

ALTER TABLE ONLY public.mail ALTER COLUMN id SET DEFAULT nextval('public.mail_id_seq'::regclass);

ALTER TABLE ONLY public.member ALTER COLUMN id SET DEFAULT nextval('public.member_id_seq'::regclass);

ALTER TABLE ONLY public.service ALTER COLUMN id SET DEFAULT nextval('public.service_id_seq'::regclass);

ALTER TABLE ONLY public.source ALTER COLUMN id SET DEFAULT nextval('public.source_id_seq'::regclass);

INSERT INTO public.agent VALUES
	(1, 1, 2, 'ROLE_FRONT_AGENT', true, false, true, 1, 1);

INSERT INTO public.agent_day VALUES
	(1, 2, 20261128, '{}', 'Asia/Seoul');

INSERT INTO public.agent_state VALUES
	(1, 2, 1795822395000, NULL, NULL, '{"x":{},"m":[20261128,[1795822395000,0,"001795822395-4105c7f3083a3621-0","asterisk/queue_log"],[0,0,"",""]]}', 0);

INSERT INTO public.alembic_version VALUES
	('0002');

INSERT INTO public.audit VALUES
	(1, 1795826642270, 1, 2, 2, 1, 1, 'command', '', 'Wy0KxQS7GYePrY8f hanbit Asia/Seoul', '\x1f2abfefa9fcc6b3ad09f54e74bed8cc1804b43fcfabb3627f9e96842962ded6'),
	(2, 1795826642270, 1, 3, 1, 1, 1, 'command', '', 'member', '\x79febacd3cea8c996e7ade9ebef8d66bdf14425942fe6e3a7ce880fc1e30de5f'),
	(3, 1795826642270, 1, 3, 3, 1, 1, 'command', '', 'organization_admin', '\xa558504e19ccd740d58ca6ba24f42c262b538fdcec78afef1d930504945dcc2a'),
	(4, 1795826642270, 1, 2, 4, 1, 1, 'command', '', '••••2781', '\xcf277dee7c20756069a0d33721b7541ff1baa4dd66dc1f955a6e11756cd177b7'),
	(5, 1795826645774, 3, 4, 5, 2, 1, 'command', '', 'consultation ko Asia/Seoul 고객상담', '\x7b1dff82fa6baad6accf6053ac8fd6169dedea715f3dc8d55a4b964e27df31cc'),
	(6, 1795826645774, 3, 4, 6, 2, 1, 'command', '', 'ticket telticket', '\x3a19c54e726d496f146ee744b46fadefbc248b99888865ee3aa2144fd206d754'),
	(7, 1795826649390, 3, 5, 1, 1, 1, 'command', '', 'member', '\x81aa5a654cc403bc350b057f57e66d6c40d617fae49416575b507503ef84e5da'),
	(8, 1795826652652, 3, 6, 1, 1, 1, 'command', '', 'member', '\xe437d0514645478c48692de2532f6116526966868c2751f6a9d6dc43858e655d'),
	(9, 1795826654830, 3, 5, 7, 2, 1, 'command', '', 'ROLE_FRONT_AGENT ticket phone', '\xd2a761d2d59b75af474dfc74d7127a44d6f3500baea999d3bafc5ffd59119c64'),
	(10, 1795826657279, 3, 6, 7, 2, 1, 'command', '', 'ROLE_FRONT_AGENT ticket', '\x30934258100ab3a1fea985feba88c687ff2fec5328d674666857ad958b5b76d4'),
	(11, 1795826659558, 3, 2, 8, 1, 1, 'command', 'ipcc_agreed=no', 'ipcc_agreed=yes', '\xfd940eab33bcfa2768746dc7382379073415622ccc0563810286e30e146e3140'),
	(12, 1795826661732, 3, 1, 9, 2, 1, 'command', 'version - tenant ID - tenant name - monitoring off kept 2 years', 'version ipcc tenant ID T1001 tenant name Hanbit monitoring off kept 2 years', '\xa7134fd83a5a3bf9aef25e86ffec09b90bcb9a4e2f9b1e12ef38c9889e08261a'),
	(13, 1795826664205, 3, 5, 10, 2, 1, 'command', 'CTI ID - CTI NO -', 'CTI ID cs1001 CTI NO 7001', '\x8b057b952d6fceb23b6917d839f89014a7e813410e003ab6923a76efdf6c5017'),
	(14, 1795826666527, 3, 6, 11, 2, 1, 'command', 'ROLE_FRONT_AGENT ticket', 'ROLE_FRONT_ADMIN ticket', '\xd640f17ac1dbd506fdfdbc266fe4607dff08535e58085a562a9ab09dbe4d997c'),
	(15, 1795826669641, 3, 6, 12, 2, 1, 'command', 'ROLE_FRONT_ADMIN ticket', '', '\xefaf83d680618cbbdd420c6cbfe3dc637e7c31d9faae828bc7aeb5487d2efd51');

INSERT INTO public.audit_action VALUES
	(2, 'organization.created', 1),
	(3, 'organization_admin.added', 1),
	(4, 'organization_key.made', 1),
	(5, 'service.added', 1),
	(6, 'service.registered', 1),
	(1, 'member.added', 3),
	(7, 'agent.added', 2),
	(8, 'organization.changed', 1),
	(9, 'cti_settings.changed', 1),
	(10, 'cti.changed', 1),
	(11, 'agent.role_changed', 1),
	(12, 'agent.removed', 1);

INSERT INTO public.audit_head VALUES
	(1, 15, 1795826669641, '\xefaf83d680618cbbdd420c6cbfe3dc637e7c31d9faae828bc7aeb5487d2efd51');

INSERT INTO public.audit_ip VALUES
	(1, '127.0.0.1', '\x00000000000000000000ffff7f000001', 15);

INSERT INTO public.audit_person VALUES
	(4, '', '고객상담', '', '고객상담', 'ㄱㄱㅅㄷ', 0, 2),
	(2, '', '한빛 고객센터', '', '한빛 고객센터', 'ㅎㅂ ㄱㄱㅅㅌ', 0, 3),
	(1, '', '', '', '', '', 4, 1),
	(5, 'minsu', '김민수', 'minsu', '김민수', 'ㄱㅁㅅ', 0, 3),
	(3, 'admin', '관리자', 'admin', '관리자', 'ㄱㄹㅈ', 11, 2),
	(6, 'yuna', '이유나', 'yuna', '이유나', 'ㅇㅇㄴ', 0, 4);

INSERT INTO public.audit_service VALUES
	(1, '', 7),
	(2, 'cs', 8);

INSERT INTO public.contract_item VALUES
	(1, 'ticket', 1, 0),
	(1, 'telticket', 1, 0);

INSERT INTO public.contract_version VALUES
	(1, 20261128, 'ticket', 1),
	(1, 20261128, 'telticket', 1);

INSERT INTO public.cti_agent VALUES
	(2, 'cs1001', '7001', 3, 3, 3, 3);

INSERT INTO public.cti_settings VALUES
	(1, 'ipcc', 'T1001', 'Hanbit', false, 2, 2);

INSERT INTO public.event VALUES
	(1, 1, '001795819395-8f5bbb0794651d5e-0', 1, 2, 1795819395000, 0, 'octui.queue.AGENTLOGIN', '{"call":null,"queue":"","args":["Agent/cs1001"]}', NULL, NULL),
	(2, 1, '001795819455-cf2936c581a2752a-0', 1, NULL, 1795819455000, 0, 'octui.queue.ENTERQUEUE', '{"call":"1.1","queue":"support","args":["","01012345678","1"]}', NULL, NULL),
	(3, 1, '001795819465-5642d3ccadd17aed-0', 1, 2, 1795819465000, 0, 'octui.queue.CONNECT', '{"call":"1.1","queue":"support","args":["10","1.2","8"],"ring_ms":8000}', NULL, NULL),
	(4, 1, '001795819585-14ca71be015aaa5f-0', 1, 2, 1795819585000, 0, 'octui.queue.COMPLETECALLER', '{"call":"1.1","queue":"support","args":["10","120","1"]}', NULL, NULL),
	(5, 1, '001795819695-91701d6cac23f91a-0', 1, 2, 1795819695000, 0, 'octui.queue.PAUSE', '{"call":null,"queue":"support","args":["meal"],"state":"meal"}', NULL, NULL),
	(6, 1, '001795820895-3b8ce70eada889c8-0', 1, 2, 1795820895000, 0, 'octui.queue.UNPAUSE', '{"call":null,"queue":"support","args":[]}', NULL, NULL),
	(7, 1, '001795822395-4105c7f3083a3621-0', 1, 2, 1795822395000, 0, 'octui.queue.AGENTLOGOFF', '{"call":null,"queue":"","args":["Agent/cs1001","3000"]}', NULL, NULL);

INSERT INTO public.figure VALUES
	(1, 2, 20261128, 'login', 'logged_in', 1, 3000000),
	(1, 2, 20261128, 'phone', 'inbound_calls', 1, 120000),
	(1, 2, 20261128, 'phone', 'meal', 1, 1200000),
	(1, 2, 20261128, 'phone', 'other', 1, 8000),
	(1, 2, 20261128, 'phone', 'ready', 3, 1672000);

INSERT INTO public.idempotency VALUES
	('', '437770a3-f1dd-4ac8-a986-863940c2497b', '\x7de0e7d5c996225cbadb5a1eff6267901e8a876096ff4bf1465c794b5df78c3c', 201, '\x7b226964223a225779304b785153374759655072593866222c226e616d65223a22ed959cebb99b20eab3a0eab09dec84bced84b0222c22646f6d61696e223a2268616e626974222c2274696d655f7a6f6e65223a22417369612f53656f756c222c2275726c223a2268747470733a2f2f68616e6269742e6f632e746f6173742e636f6d222c22697063635f616772656564223a66616c73652c226d6f62696c655f636f6e746163745f616374697661746564223a66616c73657d', 1795826642270),
	('admin', '6d3e1e4c-83ad-4fd0-a9f5-15620a80be9a', '\xda5d6e1ab0aa783f95277c0f9d45bbbdfc1bd0688257c01a7bdd63b941ae481d', 201, '\x7b226964223a226373222c226e616d65223a22eab3a0eab09dec8381eb8bb4222c2274797065223a22636f6e73756c746174696f6e222c226c616e6775616765223a226b6f222c2274696d655f7a6f6e65223a22417369612f53656f756c222c227374617465223a22696e757365222c226974656d73223a5b227469636b6574222c2274656c7469636b6574225d7d', 1795826645774),
	('admin', '2d32a89a-8e54-4ad1-8f5a-e66553211a7d', '\x9e45c5f92c28a083bd2bd8644c3c79f1d8cda7ddc83d02715293ea7299448fa4', 201, '\x7b226163636f756e74223a226d696e7375222c226e616d65223a22eab980ebafbcec8898222c22656d61696c223a226d696e73754068616e6269742e6578616d706c65222c226c616e6775616765223a226b6f222c226f7267616e697a6174696f6e5f61646d696e223a66616c73652c2276657273696f6e223a312c227374617465223a22616374697665227d', 1795826649390),
	('admin', '3dd0c5de-96c1-4eaf-a99f-edf383046340', '\x20938e3cccadf976394d946d2c1deb5a1f1165413a80ba169472b78ad256c264', 201, '\x7b226163636f756e74223a2279756e61222c226e616d65223a22ec9db4ec9ca0eb8298222c22656d61696c223a2279756e614068616e6269742e6578616d706c65222c226c616e6775616765223a226b6f222c226f7267616e697a6174696f6e5f61646d696e223a66616c73652c2276657273696f6e223a312c227374617465223a22616374697665227d', 1795826652652),
	('admin', 'f81bde69-6a66-4431-9464-c38646fdaded', '\xa7323c87f8b896776f44e58b9df94eb3b850dc65ad0487dd7648c5fcca9f9362', 201, '\x7b226163636f756e74223a226d696e7375222c226e616d65223a22eab980ebafbcec8898222c22656d61696c223a226d696e73754068616e6269742e6578616d706c65222c22726f6c65223a22524f4c455f46524f4e545f4147454e54222c227469636b6574223a747275652c2263686174223a66616c73652c2270686f6e65223a747275652c2276657273696f6e223a312c227374617465223a6e756c6c2c2273696e6365223a6e756c6c7d', 1795826654830),
	('admin', '3b841932-aa1d-4f8a-a447-14a4e4912768', '\x49825a923f24977249d0b98db72ded614c6049707316a34a283c7fd55a348379', 201, '\x7b226163636f756e74223a2279756e61222c226e616d65223a22ec9db4ec9ca0eb8298222c22656d61696c223a2279756e614068616e6269742e6578616d706c65222c22726f6c65223a22524f4c455f46524f4e545f4147454e54222c227469636b6574223a747275652c2263686174223a66616c73652c2270686f6e65223a66616c73652c2276657273696f6e223a322c227374617465223a6e756c6c2c2273696e6365223a6e756c6c7d', 1795826657279),
	('admin', '835b0da9-6da4-4450-ab05-c452f59de288', '\x81a171f330e6872ce19d4266c6e0e42fe683c0581ce998f4d56413a6e8b58d17', 200, '\x7b227361766564223a322c227665726469637473223a5b7b226163636f756e74223a226d696e7375222c22636f6c756d6e223a226374695f6964222c2276657264696374223a227361766564222c2270726f626c656d223a6e756c6c2c2263757272656e74223a6e756c6c7d2c7b226163636f756e74223a226d696e7375222c22636f6c756d6e223a226374695f6e6f222c2276657264696374223a227361766564222c2270726f626c656d223a6e756c6c2c2263757272656e74223a6e756c6c7d5d2c226167656e7473223a5b7b226163636f756e74223a226d696e7375222c226e616d65223a22eab980ebafbcec8898222c22656d61696c223a226d696e73754068616e6269742e6578616d706c65222c226374695f6964223a22637331303031222c226374695f6e6f223a2237303031222c227365727669636573223a5b226373225d2c2276657273696f6e223a337d5d2c227265766973696f6e223a337d', 1795826664205),
	('admin', 'e5bba391-5941-4056-b743-9ed49379e872', '\x257002945531236e9814c3de036bb7585947599462ade6983219fd3e312d6e52', 200, '\x7b2274616b656e223a372c226475706c696361746573223a302c2262795f74797065223a7b226f637475692e71756575652e4147454e544c4f47494e223a312c226f637475692e71756575652e454e5445525155455545223a312c226f637475692e71756575652e434f4e4e454354223a312c226f637475692e71756575652e434f4d504c45544543414c4c4552223a312c226f637475692e71756575652e5041555345223a312c226f637475692e71756575652e554e5041555345223a312c226f637475692e71756575652e4147454e544c4f474f4646223a317d2c22756e6d617463686564223a7b7d2c22756e6b6e6f776e223a7b7d2c2272656675736564223a5b5d2c22636c616d706564223a302c22756e6b6e6f776e5f726561736f6e73223a7b7d7d', 1795826673370);

INSERT INTO public."interval" VALUES
	(1, 1, 2, 20261128, 'phone', 'ready', 1795819395000, 1795819457000, 1, NULL, 20261128),
	(2, 1, 2, 20261128, 'phone', 'other', 1795819457000, 1795819465000, 1, '1.1', 20261128),
	(3, 1, 2, 20261128, 'phone', 'inbound_calls', 1795819465000, 1795819585000, 1, '1.1', 20261128),
	(4, 1, 2, 20261128, 'phone', 'ready', 1795819585000, 1795819695000, 1, NULL, 20261128),
	(5, 1, 2, 20261128, 'phone', 'meal', 1795819695000, 1795820895000, 1, NULL, 20261128),
	(6, 1, 2, 20261128, 'phone', 'ready', 1795820895000, 1795822395000, 1, NULL, 20261128),
	(7, 1, 2, 20261128, 'login', 'logged_in', 1795819395000, 1795822395000, 1, NULL, 20261128);

INSERT INTO public.member VALUES
	(1, 'admin', '관리자', '', 'admin@hanbit.example', '', 'ko', '관리자', 'ㄱㄹㅈ', 1, 'active', true),
	(2, 'minsu', '김민수', '', 'minsu@hanbit.example', '', 'ko', '김민수', 'ㄱㅁㅅ', 1, 'active', true),
	(3, 'yuna', '이유나', '', 'yuna@hanbit.example', '', 'ko', '이유나', 'ㅇㅇㄴ', 1, 'active', true);

INSERT INTO public.organization VALUES
	(1, 'Wy0KxQS7GYePrY8f', '한빛 고객센터', 'hanbit', 'Asia/Seoul', 'admin', true, false);

INSERT INTO public.organization_admin VALUES
	(1);

INSERT INTO public.organization_key VALUES
	(1, '\x01a7ddd396f891cfc486cc68886726b2f9dd7f2fdc031b85a91484c66d879976562ed9e1014b0ba8eb1e2eb8e4414ca069c4e99323d4b12290b2b83c96', '2781', 1795826642270, NULL, 1);

INSERT INTO public.rate VALUES
	(19700101, 'ticket', 10000, 333, true, 3000, NULL, 50000, NULL),
	(19700101, 'telticket', 70000, 2333, true, 6000, 40000, 3000, 1500),
	(19700101, 'chat', 10000, 333, true, 3000, NULL, 50000, NULL),
	(19700101, 'endusermanagement', 250000, 8333, false, NULL, NULL, NULL, NULL),
	(19700101, 'callback', 50000, 1667, false, NULL, NULL, NULL, NULL),
	(19700101, 'helpdoc', 50000, 1667, false, NULL, NULL, NULL, NULL),
	(19700101, 'knowledge', 50000, 1667, false, NULL, NULL, NULL, NULL),
	(19700101, 'ticketevaluation', 100000, 3333, false, NULL, NULL, NULL, NULL);

INSERT INTO public.removal VALUES
	('services/cs/agents/head', 'yuna', 4),
	('cti/rows', 'yuna', 4);

INSERT INTO public.revision VALUES
	('me/minsu', 1),
	('services', 3),
	('cti/settings', 1),
	('cti/rows', 4),
	('me/yuna', 3),
	('services/cs/agents/head', 4),
	('audit/head', 11),
	('services/cs/stats/minsu', 1);

INSERT INTO public.service VALUES
	(1, 'cs', '고객상담', 'consultation', 'ko', 'Asia/Seoul', 'inuse', 2, 20261128, NULL, NULL);

INSERT INTO public.service_language VALUES
	(1, 0, 'ko');

INSERT INTO public.source VALUES
	(1, 'asterisk/queue_log');

SELECT pg_catalog.setval('public.agent_id_seq', 2, true);

SELECT pg_catalog.setval('public.audit_action_id_seq', 12, true);

SELECT pg_catalog.setval('public.audit_ip_id_seq', 1, true);

SELECT pg_catalog.setval('public.audit_person_id_seq', 6, true);

SELECT pg_catalog.setval('public.audit_service_id_seq', 2, true);

SELECT pg_catalog.setval('public.event_id_seq', 7, true);

SELECT pg_catalog.setval('public.interval_id_seq', 7, true);

SELECT pg_catalog.setval('public.mail_id_seq', 1, false);

SELECT pg_catalog.setval('public.member_id_seq', 3, true);

SELECT pg_catalog.setval('public.service_id_seq', 1, true);

SELECT pg_catalog.setval('public.source_id_seq', 1, true);

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.agent
    ADD CONSTRAINT pk_agent PRIMARY KEY (id);

ALTER TABLE ONLY public.agent_day
    ADD CONSTRAINT pk_agent_day PRIMARY KEY (service_id, member_id, day);

ALTER TABLE ONLY public.agent_state
    ADD CONSTRAINT pk_agent_state PRIMARY KEY (service_id, member_id);

ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT pk_attempt PRIMARY KEY (bucket);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT pk_audit PRIMARY KEY (seq);

ALTER TABLE ONLY public.audit_action
    ADD CONSTRAINT pk_audit_action PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_head
    ADD CONSTRAINT pk_audit_head PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_ip
    ADD CONSTRAINT pk_audit_ip PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_person
    ADD CONSTRAINT pk_audit_person PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_service
    ADD CONSTRAINT pk_audit_service PRIMARY KEY (id);

ALTER TABLE ONLY public.closed_charge
    ADD CONSTRAINT pk_closed_charge PRIMARY KEY (month, service_id);

ALTER TABLE ONLY public.closed_month
    ADD CONSTRAINT pk_closed_month PRIMARY KEY (month);

ALTER TABLE ONLY public.contract_item
    ADD CONSTRAINT pk_contract_item PRIMARY KEY (service_id, item);

ALTER TABLE ONLY public.contract_version
    ADD CONSTRAINT pk_contract_version PRIMARY KEY (service_id, day, item);

ALTER TABLE ONLY public.cti_agent
    ADD CONSTRAINT pk_cti_agent PRIMARY KEY (member_id);

ALTER TABLE ONLY public.cti_log_day
    ADD CONSTRAINT pk_cti_log_day PRIMARY KEY (service_id, day);

ALTER TABLE ONLY public.cti_log_floor
    ADD CONSTRAINT pk_cti_log_floor PRIMARY KEY (service_id);

ALTER TABLE ONLY public.cti_settings
    ADD CONSTRAINT pk_cti_settings PRIMARY KEY (id);

ALTER TABLE ONLY public.discount
    ADD CONSTRAINT pk_discount PRIMARY KEY (service_id, valid_from);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT pk_event PRIMARY KEY (id);

ALTER TABLE ONLY public.figure
    ADD CONSTRAINT pk_figure PRIMARY KEY (service_id, member_id, day, channel, state);

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT pk_idempotency PRIMARY KEY (caller, key);

ALTER TABLE ONLY public."interval"
    ADD CONSTRAINT pk_interval PRIMARY KEY (id);

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT pk_invitation PRIMARY KEY (id);

ALTER TABLE ONLY public.mail
    ADD CONSTRAINT pk_mail PRIMARY KEY (id);

ALTER TABLE ONLY public.member
    ADD CONSTRAINT pk_member PRIMARY KEY (id);

ALTER TABLE ONLY public.organization
    ADD CONSTRAINT pk_organization PRIMARY KEY (id);

ALTER TABLE ONLY public.organization_admin
    ADD CONSTRAINT pk_organization_admin PRIMARY KEY (member_id);

ALTER TABLE ONLY public.organization_key
    ADD CONSTRAINT pk_organization_key PRIMARY KEY (id);

ALTER TABLE ONLY public.password
    ADD CONSTRAINT pk_password PRIMARY KEY (member_id);

ALTER TABLE ONLY public.rate
    ADD CONSTRAINT pk_rate PRIMARY KEY (valid_from, item);

ALTER TABLE ONLY public.removal
    ADD CONSTRAINT pk_removal PRIMARY KEY (topic, key);

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT pk_revision PRIMARY KEY (topic);

ALTER TABLE ONLY public.service
    ADD CONSTRAINT pk_service PRIMARY KEY (id);

ALTER TABLE ONLY public.service_banner
    ADD CONSTRAINT pk_service_banner PRIMARY KEY (service_id);

ALTER TABLE ONLY public.service_language
    ADD CONSTRAINT pk_service_language PRIMARY KEY (service_id, "position");

ALTER TABLE ONLY public.source
    ADD CONSTRAINT pk_source PRIMARY KEY (id);

ALTER TABLE ONLY public.steady_clock
    ADD CONSTRAINT pk_steady_clock PRIMARY KEY (id);

ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT pk_ticket PRIMARY KEY (service_id, ticket);

ALTER TABLE ONLY public.token
    ADD CONSTRAINT pk_token PRIMARY KEY (hash);

ALTER TABLE ONLY public.agent
    ADD CONSTRAINT uq_agent_service_id_member_id UNIQUE (service_id, member_id);

ALTER TABLE ONLY public.audit_action
    ADD CONSTRAINT uq_audit_action_action UNIQUE (action);

ALTER TABLE ONLY public.audit_ip
    ADD CONSTRAINT uq_audit_ip_ip UNIQUE (ip);

ALTER TABLE ONLY public.audit_person
    ADD CONSTRAINT uq_audit_person_account_name UNIQUE (account, name);

ALTER TABLE ONLY public.audit_service
    ADD CONSTRAINT uq_audit_service_code UNIQUE (code);

ALTER TABLE ONLY public.cti_agent
    ADD CONSTRAINT uq_cti_agent_cti_id UNIQUE (cti_id);

ALTER TABLE ONLY public.cti_agent
    ADD CONSTRAINT uq_cti_agent_cti_no UNIQUE (cti_no);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT uq_event_service_id_source_id_event_id UNIQUE (service_id, source_id, event_id);

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT uq_invitation_code UNIQUE (code);

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT uq_invitation_member_id UNIQUE (member_id);

ALTER TABLE ONLY public.mail
    ADD CONSTRAINT uq_mail_about UNIQUE (about);

ALTER TABLE ONLY public.member
    ADD CONSTRAINT uq_member_account UNIQUE (account);

ALTER TABLE ONLY public.organization
    ADD CONSTRAINT uq_organization_code UNIQUE (code);

ALTER TABLE ONLY public.service
    ADD CONSTRAINT uq_service_code UNIQUE (code);

ALTER TABLE ONLY public.service
    ADD CONSTRAINT uq_service_name UNIQUE (name);

ALTER TABLE ONLY public.source
    ADD CONSTRAINT uq_source_name UNIQUE (name);

ALTER TABLE ONLY public.token
    ADD CONSTRAINT uq_token_id UNIQUE (id);

CREATE INDEX ix_agent_member_id ON public.agent USING btree (member_id);

CREATE INDEX ix_agent_service_id_changed ON public.agent USING btree (service_id, changed);

CREATE INDEX ix_attempt_forgotten ON public.attempt USING btree (forgotten);

CREATE INDEX ix_audit_action_id_seq ON public.audit USING btree (action_id, seq);

CREATE INDEX ix_audit_actor_id_seq_service_id_action_id ON public.audit USING btree (actor_id, seq, service_id, action_id);

CREATE INDEX ix_audit_at ON public.audit USING btree (at);

CREATE INDEX ix_audit_ip_id_seq_service_id_action_id ON public.audit USING btree (ip_id, seq, service_id, action_id);

CREATE INDEX ix_audit_ip_packed ON public.audit_ip USING btree (packed);

CREATE INDEX ix_audit_service_id_action_id_seq ON public.audit USING btree (service_id, action_id, seq);

CREATE INDEX ix_audit_target_id_seq_service_id_action_id ON public.audit USING btree (target_id, seq, service_id, action_id);

CREATE INDEX ix_cti_agent_changed ON public.cti_agent USING btree (changed);

CREATE INDEX ix_event_chat_opened ON public.event USING btree (service_id, at) WHERE (type = 'octui.chat.opened'::text);

CREATE INDEX ix_event_cti_log ON public.event USING btree (service_id, cti_day, id) WHERE (cti_day IS NOT NULL);

CREATE INDEX ix_event_service_id_member_id_at ON public.event USING btree (service_id, member_id, at);

CREATE INDEX ix_event_ticket ON public.event USING btree (service_id, ticket) WHERE (ticket IS NOT NULL);

CREATE INDEX ix_figure_calls ON public.figure USING btree (service_id, day) WHERE (state = ANY (ARRAY['inbound_calls'::text, 'outbound_calls'::text]));

CREATE INDEX ix_idempotency_at ON public.idempotency USING btree (at);

CREATE INDEX ix_interval_service_id_member_id_day ON public."interval" USING btree (service_id, member_id, day);

CREATE INDEX ix_mail_waiting ON public.mail USING btree (next_try) WHERE (state = 'waiting'::text);

CREATE INDEX ix_ticket_service_id_closed_by_closed_at ON public.ticket USING btree (service_id, closed_by, closed_at);

CREATE INDEX ix_ticket_service_id_first_at ON public.ticket USING btree (service_id, first_at);

CREATE INDEX ix_ticket_service_id_owner_id_state ON public.ticket USING btree (service_id, owner_id, state);

CREATE INDEX ix_ticket_service_id_solved_by_solved_at ON public.ticket USING btree (service_id, solved_by, solved_at);

CREATE INDEX ix_token_member_id ON public.token USING btree (member_id);

CREATE TRIGGER audit_action_no_delete BEFORE DELETE ON public.audit_action FOR EACH ROW EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_action_no_truncate BEFORE TRUNCATE ON public.audit_action FOR EACH STATEMENT EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_action_no_update BEFORE UPDATE OF id, action ON public.audit_action FOR EACH ROW EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON public.audit_head FOR EACH ROW EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON public.audit_head FOR EACH STATEMENT EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_head_one BEFORE INSERT ON public.audit_head FOR EACH ROW WHEN ((new.id <> 1)) EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_head_only_on BEFORE UPDATE ON public.audit_head FOR EACH ROW WHEN (((new.id <> old.id) OR (new.seq <= old.seq))) EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_ip_no_delete BEFORE DELETE ON public.audit_ip FOR EACH ROW EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_ip_no_truncate BEFORE TRUNCATE ON public.audit_ip FOR EACH STATEMENT EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_ip_no_update BEFORE UPDATE OF id, ip, packed ON public.audit_ip FOR EACH ROW EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_no_change BEFORE DELETE OR UPDATE ON public.audit FOR EACH ROW EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_only_next BEFORE INSERT ON public.audit FOR EACH ROW EXECUTE FUNCTION public.octui_audit_next();

CREATE TRIGGER audit_person_no_delete BEFORE DELETE ON public.audit_person FOR EACH ROW EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_person_no_truncate BEFORE TRUNCATE ON public.audit_person FOR EACH STATEMENT EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_person_no_update BEFORE UPDATE OF id, account, name, folded_account, folded, choseong ON public.audit_person FOR EACH ROW EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_service_no_delete BEFORE DELETE ON public.audit_service FOR EACH ROW EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_service_no_truncate BEFORE TRUNCATE ON public.audit_service FOR EACH STATEMENT EXECUTE FUNCTION public.octui_audit_refuse();

CREATE TRIGGER audit_service_no_update BEFORE UPDATE OF id, code ON public.audit_service FOR EACH ROW EXECUTE FUNCTION public.octui_audit_refuse();

ALTER TABLE ONLY public.agent
    ADD CONSTRAINT fk_agent_member_id FOREIGN KEY (member_id) REFERENCES public.member(id);

ALTER TABLE ONLY public.agent
    ADD CONSTRAINT fk_agent_service_id FOREIGN KEY (service_id) REFERENCES public.service(id);

ALTER TABLE ONLY public.contract_item
    ADD CONSTRAINT fk_contract_item_service_id FOREIGN KEY (service_id) REFERENCES public.service(id);

ALTER TABLE ONLY public.contract_version
    ADD CONSTRAINT fk_contract_version_service_id FOREIGN KEY (service_id) REFERENCES public.service(id);

ALTER TABLE ONLY public.cti_agent
    ADD CONSTRAINT fk_cti_agent_member_id FOREIGN KEY (member_id) REFERENCES public.member(id);

ALTER TABLE ONLY public.discount
    ADD CONSTRAINT fk_discount_service_id FOREIGN KEY (service_id) REFERENCES public.service(id);

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT fk_invitation_member_id FOREIGN KEY (member_id) REFERENCES public.member(id);

ALTER TABLE ONLY public.organization_admin
    ADD CONSTRAINT fk_organization_admin_member_id FOREIGN KEY (member_id) REFERENCES public.member(id);

ALTER TABLE ONLY public.password
    ADD CONSTRAINT fk_password_member_id FOREIGN KEY (member_id) REFERENCES public.member(id);

ALTER TABLE ONLY public.service_banner
    ADD CONSTRAINT fk_service_banner_service_id FOREIGN KEY (service_id) REFERENCES public.service(id);

ALTER TABLE ONLY public.service_language
    ADD CONSTRAINT fk_service_language_service_id FOREIGN KEY (service_id) REFERENCES public.service(id);

ALTER TABLE ONLY public.token
    ADD CONSTRAINT fk_token_member_id FOREIGN KEY (member_id) REFERENCES public.member(id);
