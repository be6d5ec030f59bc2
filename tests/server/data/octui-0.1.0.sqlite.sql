BEGIN TRANSACTION;
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
 STRICT;
INSERT INTO "agent" VALUES(1,1,2,'ROLE_FRONT_AGENT',1,0,1,1,1);
CREATE TABLE agent_day (
    service_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    opening TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    CONSTRAINT pk_agent_day PRIMARY KEY (service_id, member_id, day)
)
 WITHOUT ROWID,
 STRICT;
INSERT INTO "agent_day" VALUES(1,2,20261128,'{}','Asia/Seoul');
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
 STRICT;
INSERT INTO "agent_state" VALUES(1,2,1795822395000,NULL,NULL,'{"x":{},"m":[20261128,[1795822395000,0,"001795822395-4105c7f3083a3621-0","asterisk/queue_log"],[0,0,"",""]]}',0);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE attempt (
    bucket TEXT NOT NULL,
    failures INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    forgotten INTEGER NOT NULL,
    CONSTRAINT pk_attempt PRIMARY KEY (bucket)
)
 WITHOUT ROWID,
 STRICT;
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
 STRICT;
INSERT INTO "audit" VALUES(1,1795826598942,1,2,2,1,1,'command','','vzpu4N3YMdPlAQ87 hanbit Asia/Seoul',X'D35F3F8456D8C5973BA12322B9833C2F6EAE6A6C958A4964B99834ADC1B85E7D');
INSERT INTO "audit" VALUES(2,1795826598942,1,3,1,1,1,'command','','member',X'05415BDCF5D22EE22CC56A2113C2AD3A135E233DA2AC83935C3927D89ACAA3F2');
INSERT INTO "audit" VALUES(3,1795826598942,1,3,3,1,1,'command','','organization_admin',X'727708B70CA7E0098247C4BA56D21BDB1BFF06109DC91762CC9552CF52F7D260');
INSERT INTO "audit" VALUES(4,1795826598942,1,2,4,1,1,'command','','••••7502',X'33CE98F7E4650AF9A3862AA2D0E30CB86A4327CC4335F10C88F28FC2182A0CA3');
INSERT INTO "audit" VALUES(5,1795826602287,3,4,5,2,1,'command','','consultation ko Asia/Seoul 고객상담',X'21A1FAA61F6310396F94CE57EDA9C01B029F568371B1A9595C9308D54693F350');
INSERT INTO "audit" VALUES(6,1795826602287,3,4,6,2,1,'command','','ticket telticket',X'8917DF50F797C86D151051A1C9BC02D040152F7844C6A7880608DCE7CB9FF875');
INSERT INTO "audit" VALUES(7,1795826605348,3,5,1,1,1,'command','','member',X'6F167FFE3C3539A7E53964FF270D2D86F4FF82F659ECEEB60C4494DB831DA72E');
INSERT INTO "audit" VALUES(8,1795826607719,3,6,1,1,1,'command','','member',X'A82B3653B386694A1922928BE4B3C294AF0DC6AF91D81F5C8FC31378D2C77B49');
INSERT INTO "audit" VALUES(9,1795826610149,3,5,7,2,1,'command','','ROLE_FRONT_AGENT ticket phone',X'B6FAC16C362DFE075CD82457EAC8FA1A6CDD25448C30B5D5AE2254502D152AA6');
INSERT INTO "audit" VALUES(10,1795826612993,3,6,7,2,1,'command','','ROLE_FRONT_AGENT ticket',X'18F4061F26482F3DBC30C5AD463AEA9EA0BA13073DDE2E7256330CB0576BC3C6');
INSERT INTO "audit" VALUES(11,1795826615322,3,2,8,1,1,'command','ipcc_agreed=no','ipcc_agreed=yes',X'45037F304088D813CA299A9CF1B2ABEFC4923E1EF19A59A3587F5C37FB9488C0');
INSERT INTO "audit" VALUES(12,1795826617771,3,1,9,2,1,'command','version - tenant ID - tenant name - monitoring off kept 2 years','version ipcc tenant ID T1001 tenant name Hanbit monitoring off kept 2 years',X'B3242EC4B9294AEF8D6384DFB5EFFE364E2ABD54C2D45FEF5EA6A4F895E36CDF');
INSERT INTO "audit" VALUES(13,1795826620145,3,5,10,2,1,'command','CTI ID - CTI NO -','CTI ID cs1001 CTI NO 7001',X'FCFA42633FE2079E96A953D14AFEF86CE844BE6A4423C313BFDDBEA033D78113');
INSERT INTO "audit" VALUES(14,1795826622393,3,6,11,2,1,'command','ROLE_FRONT_AGENT ticket','ROLE_FRONT_ADMIN ticket',X'E434802943EEDF7C8EE0C71BD31D16D7B6426673CBE8EDFC6FFC103DAFB41889');
INSERT INTO "audit" VALUES(15,1795826624725,3,6,12,2,1,'command','ROLE_FRONT_ADMIN ticket','',X'5FC2C2432AB7B32E8D27C72027F594E993A83B306FD932EEA1DC08E3BE2D7D46');
CREATE TABLE audit_action (
    id INTEGER NOT NULL,
    action TEXT NOT NULL,
    rows INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_audit_action PRIMARY KEY (id),
    CONSTRAINT uq_audit_action_action UNIQUE (action)
)
 STRICT;
INSERT INTO "audit_action" VALUES(1,'member.added',3);
INSERT INTO "audit_action" VALUES(2,'organization.created',1);
INSERT INTO "audit_action" VALUES(3,'organization_admin.added',1);
INSERT INTO "audit_action" VALUES(4,'organization_key.made',1);
INSERT INTO "audit_action" VALUES(5,'service.added',1);
INSERT INTO "audit_action" VALUES(6,'service.registered',1);
INSERT INTO "audit_action" VALUES(7,'agent.added',2);
INSERT INTO "audit_action" VALUES(8,'organization.changed',1);
INSERT INTO "audit_action" VALUES(9,'cti_settings.changed',1);
INSERT INTO "audit_action" VALUES(10,'cti.changed',1);
INSERT INTO "audit_action" VALUES(11,'agent.role_changed',1);
INSERT INTO "audit_action" VALUES(12,'agent.removed',1);
CREATE TABLE audit_head (
    id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    hash BLOB NOT NULL,
    CONSTRAINT pk_audit_head PRIMARY KEY (id)
)
 STRICT;
INSERT INTO "audit_head" VALUES(1,15,1795826624725,X'5FC2C2432AB7B32E8D27C72027F594E993A83B306FD932EEA1DC08E3BE2D7D46');
CREATE TABLE audit_ip (
    id INTEGER NOT NULL,
    ip TEXT NOT NULL,
    packed BLOB NOT NULL,
    rows INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_audit_ip PRIMARY KEY (id),
    CONSTRAINT uq_audit_ip_ip UNIQUE (ip)
)
 STRICT;
INSERT INTO "audit_ip" VALUES(1,'127.0.0.1',X'00000000000000000000FFFF7F000001',15);
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
 STRICT;
INSERT INTO "audit_person" VALUES(1,'','','','','',4,1);
INSERT INTO "audit_person" VALUES(2,'','한빛 고객센터','','한빛 고객센터','ㅎㅂ ㄱㄱㅅㅌ',0,3);
INSERT INTO "audit_person" VALUES(3,'admin','관리자','admin','관리자','ㄱㄹㅈ',11,2);
INSERT INTO "audit_person" VALUES(4,'','고객상담','','고객상담','ㄱㄱㅅㄷ',0,2);
INSERT INTO "audit_person" VALUES(5,'minsu','김민수','minsu','김민수','ㄱㅁㅅ',0,3);
INSERT INTO "audit_person" VALUES(6,'yuna','이유나','yuna','이유나','ㅇㅇㄴ',0,4);
CREATE TABLE audit_service (
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    rows INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_audit_service PRIMARY KEY (id),
    CONSTRAINT uq_audit_service_code UNIQUE (code)
)
 STRICT;
INSERT INTO "audit_service" VALUES(1,'',7);
INSERT INTO "audit_service" VALUES(2,'cs',8);
CREATE TABLE closed_charge (
    month INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    type TEXT NOT NULL,
    total INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_closed_charge PRIMARY KEY (month, service_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE closed_month (
    month INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    CONSTRAINT pk_closed_month PRIMARY KEY (month)
)
 STRICT;
CREATE TABLE contract_item (
    service_id INTEGER NOT NULL,
    item TEXT NOT NULL, users INTEGER DEFAULT 1 NOT NULL, volume INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_contract_item PRIMARY KEY (service_id, item),
    CONSTRAINT fk_contract_item_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)
 WITHOUT ROWID,
 STRICT;
INSERT INTO "contract_item" VALUES(1,'telticket',1,0);
INSERT INTO "contract_item" VALUES(1,'ticket',1,0);
CREATE TABLE contract_version (
    service_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    item TEXT NOT NULL,
    users INTEGER NOT NULL,
    CONSTRAINT pk_contract_version PRIMARY KEY (service_id, day, item),
    CONSTRAINT fk_contract_version_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)
 WITHOUT ROWID,
 STRICT;
INSERT INTO "contract_version" VALUES(1,20261128,'telticket',1);
INSERT INTO "contract_version" VALUES(1,20261128,'ticket',1);
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
 STRICT;
INSERT INTO "cti_agent" VALUES(2,'cs1001','7001',3,3,3,3);
CREATE TABLE cti_log_day (
    service_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_cti_log_day PRIMARY KEY (service_id, day)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE cti_log_floor (
    service_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_cti_log_floor PRIMARY KEY (service_id)
)
 STRICT;
CREATE TABLE cti_settings (
    id INTEGER NOT NULL,
    cti_version TEXT,
    tenant_id TEXT DEFAULT '' NOT NULL,
    tenant_name TEXT DEFAULT '' NOT NULL,
    monitoring INTEGER NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, retention_years INTEGER DEFAULT 2 NOT NULL,
    CONSTRAINT pk_cti_settings PRIMARY KEY (id)
)
 STRICT;
INSERT INTO "cti_settings" VALUES(1,'ipcc','T1001','Hanbit',0,2,2);
CREATE TABLE discount (
    service_id INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    basis_points INTEGER NOT NULL,
    CONSTRAINT pk_discount PRIMARY KEY (service_id, valid_from),
    CONSTRAINT fk_discount_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)
 WITHOUT ROWID,
 STRICT;
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
    ticket TEXT, cti_day INTEGER,
    CONSTRAINT pk_event PRIMARY KEY (id),
    CONSTRAINT uq_event_service_id_source_id_event_id UNIQUE (service_id, source_id, event_id)
)
 STRICT;
INSERT INTO "event" VALUES(1,1,'001795819395-8f5bbb0794651d5e-0',1,2,1795819395000,0,'octui.queue.AGENTLOGIN','{"call":null,"queue":"","args":["Agent/cs1001"]}',NULL,NULL);
INSERT INTO "event" VALUES(2,1,'001795819455-cf2936c581a2752a-0',1,NULL,1795819455000,0,'octui.queue.ENTERQUEUE','{"call":"1.1","queue":"support","args":["","01012345678","1"]}',NULL,NULL);
INSERT INTO "event" VALUES(3,1,'001795819465-5642d3ccadd17aed-0',1,2,1795819465000,0,'octui.queue.CONNECT','{"call":"1.1","queue":"support","args":["10","1.2","8"],"ring_ms":8000}',NULL,NULL);
INSERT INTO "event" VALUES(4,1,'001795819585-14ca71be015aaa5f-0',1,2,1795819585000,0,'octui.queue.COMPLETECALLER','{"call":"1.1","queue":"support","args":["10","120","1"]}',NULL,NULL);
INSERT INTO "event" VALUES(5,1,'001795819695-91701d6cac23f91a-0',1,2,1795819695000,0,'octui.queue.PAUSE','{"call":null,"queue":"support","args":["meal"],"state":"meal"}',NULL,NULL);
INSERT INTO "event" VALUES(6,1,'001795820895-3b8ce70eada889c8-0',1,2,1795820895000,0,'octui.queue.UNPAUSE','{"call":null,"queue":"support","args":[]}',NULL,NULL);
INSERT INTO "event" VALUES(7,1,'001795822395-4105c7f3083a3621-0',1,2,1795822395000,0,'octui.queue.AGENTLOGOFF','{"call":null,"queue":"","args":["Agent/cs1001","3000"]}',NULL,NULL);
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
 STRICT;
INSERT INTO "figure" VALUES(1,2,20261128,'login','logged_in',1,3000000);
INSERT INTO "figure" VALUES(1,2,20261128,'phone','inbound_calls',1,120000);
INSERT INTO "figure" VALUES(1,2,20261128,'phone','meal',1,1200000);
INSERT INTO "figure" VALUES(1,2,20261128,'phone','other',1,8000);
INSERT INTO "figure" VALUES(1,2,20261128,'phone','ready',3,1672000);
CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    "key" TEXT NOT NULL,
    digest BLOB NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (caller, "key")
)
 STRICT;
INSERT INTO "idempotency" VALUES('','8d75de61-893b-4c3b-904c-c75ad84de22e',X'7DE0E7D5C996225CBADB5A1EFF6267901E8A876096FF4BF1465C794B5DF78C3C',201,X'7B226964223A22767A7075344E33594D64506C41513837222C226E616D65223A22ED959CEBB99B20EAB3A0EAB09DEC84BCED84B0222C22646F6D61696E223A2268616E626974222C2274696D655F7A6F6E65223A22417369612F53656F756C222C2275726C223A2268747470733A2F2F68616E6269742E6F632E746F6173742E636F6D222C22697063635F616772656564223A66616C73652C226D6F62696C655F636F6E746163745F616374697661746564223A66616C73657D',1795826598942);
INSERT INTO "idempotency" VALUES('admin','00cc3da8-b809-4aa4-b3ce-f5709964c8c8',X'DA5D6E1AB0AA783F95277C0F9D45BBBDFC1BD0688257C01A7BDD63B941AE481D',201,X'7B226964223A226373222C226E616D65223A22EAB3A0EAB09DEC8381EB8BB4222C2274797065223A22636F6E73756C746174696F6E222C226C616E6775616765223A226B6F222C2274696D655F7A6F6E65223A22417369612F53656F756C222C227374617465223A22696E757365222C226974656D73223A5B227469636B6574222C2274656C7469636B6574225D7D',1795826602287);
INSERT INTO "idempotency" VALUES('admin','5164b87f-c0d4-4a57-ba1a-830325771f42',X'9E45C5F92C28A083BD2BD8644C3C79F1D8CDA7DDC83D02715293EA7299448FA4',201,X'7B226163636F756E74223A226D696E7375222C226E616D65223A22EAB980EBAFBCEC8898222C22656D61696C223A226D696E73754068616E6269742E6578616D706C65222C226C616E6775616765223A226B6F222C226F7267616E697A6174696F6E5F61646D696E223A66616C73652C2276657273696F6E223A312C227374617465223A22616374697665227D',1795826605348);
INSERT INTO "idempotency" VALUES('admin','2daa50fd-ea65-4661-859e-d76a390814f1',X'20938E3CCCADF976394D946D2C1DEB5A1F1165413A80BA169472B78AD256C264',201,X'7B226163636F756E74223A2279756E61222C226E616D65223A22EC9DB4EC9CA0EB8298222C22656D61696C223A2279756E614068616E6269742E6578616D706C65222C226C616E6775616765223A226B6F222C226F7267616E697A6174696F6E5F61646D696E223A66616C73652C2276657273696F6E223A312C227374617465223A22616374697665227D',1795826607719);
INSERT INTO "idempotency" VALUES('admin','8c31a550-0231-4eae-bc17-ddedd8295c87',X'A7323C87F8B896776F44E58B9DF94EB3B850DC65AD0487DD7648C5FCCA9F9362',201,X'7B226163636F756E74223A226D696E7375222C226E616D65223A22EAB980EBAFBCEC8898222C22656D61696C223A226D696E73754068616E6269742E6578616D706C65222C22726F6C65223A22524F4C455F46524F4E545F4147454E54222C227469636B6574223A747275652C2263686174223A66616C73652C2270686F6E65223A747275652C2276657273696F6E223A312C227374617465223A6E756C6C2C2273696E6365223A6E756C6C7D',1795826610149);
INSERT INTO "idempotency" VALUES('admin','02779a1a-3973-4988-af95-ce0cabe2334e',X'49825A923F24977249D0B98DB72DED614C6049707316A34A283C7FD55A348379',201,X'7B226163636F756E74223A2279756E61222C226E616D65223A22EC9DB4EC9CA0EB8298222C22656D61696C223A2279756E614068616E6269742E6578616D706C65222C22726F6C65223A22524F4C455F46524F4E545F4147454E54222C227469636B6574223A747275652C2263686174223A66616C73652C2270686F6E65223A66616C73652C2276657273696F6E223A322C227374617465223A6E756C6C2C2273696E6365223A6E756C6C7D',1795826612993);
INSERT INTO "idempotency" VALUES('admin','b8bef46a-c9de-4e45-8d39-89c1eabe57cb',X'81A171F330E6872CE19D4266C6E0E42FE683C0581CE998F4D56413A6E8B58D17',200,X'7B227361766564223A322C227665726469637473223A5B7B226163636F756E74223A226D696E7375222C22636F6C756D6E223A226374695F6964222C2276657264696374223A227361766564222C2270726F626C656D223A6E756C6C2C2263757272656E74223A6E756C6C7D2C7B226163636F756E74223A226D696E7375222C22636F6C756D6E223A226374695F6E6F222C2276657264696374223A227361766564222C2270726F626C656D223A6E756C6C2C2263757272656E74223A6E756C6C7D5D2C226167656E7473223A5B7B226163636F756E74223A226D696E7375222C226E616D65223A22EAB980EBAFBCEC8898222C22656D61696C223A226D696E73754068616E6269742E6578616D706C65222C226374695F6964223A22637331303031222C226374695F6E6F223A2237303031222C227365727669636573223A5B226373225D2C2276657273696F6E223A337D5D2C227265766973696F6E223A337D',1795826620145);
INSERT INTO "idempotency" VALUES('admin','c44c4762-f274-4ebd-9d6a-cc5c6c2a3958',X'257002945531236E9814C3DE036BB7585947599462ADE6983219FD3E312D6E52',200,X'7B2274616B656E223A372C226475706C696361746573223A302C2262795F74797065223A7B226F637475692E71756575652E4147454E544C4F47494E223A312C226F637475692E71756575652E454E5445525155455545223A312C226F637475692E71756575652E434F4E4E454354223A312C226F637475692E71756575652E434F4D504C45544543414C4C4552223A312C226F637475692E71756575652E5041555345223A312C226F637475692E71756575652E554E5041555345223A312C226F637475692E71756575652E4147454E544C4F474F4646223A317D2C22756E6D617463686564223A7B7D2C22756E6B6E6F776E223A7B7D2C2272656675736564223A5B5D2C22636C616D706564223A302C22756E6B6E6F776E5F726561736F6E73223A7B7D7D',1795826627952);
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
 STRICT;
INSERT INTO "interval" VALUES(1,1,2,20261128,'phone','ready',1795819395000,1795819457000,1,NULL,20261128);
INSERT INTO "interval" VALUES(2,1,2,20261128,'phone','other',1795819457000,1795819465000,1,'1.1',20261128);
INSERT INTO "interval" VALUES(3,1,2,20261128,'phone','inbound_calls',1795819465000,1795819585000,1,'1.1',20261128);
INSERT INTO "interval" VALUES(4,1,2,20261128,'phone','ready',1795819585000,1795819695000,1,NULL,20261128);
INSERT INTO "interval" VALUES(5,1,2,20261128,'phone','meal',1795819695000,1795820895000,1,NULL,20261128);
INSERT INTO "interval" VALUES(6,1,2,20261128,'phone','ready',1795820895000,1795822395000,1,NULL,20261128);
INSERT INTO "interval" VALUES(7,1,2,20261128,'login','logged_in',1795819395000,1795822395000,1,NULL,20261128);
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
 STRICT;
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
 STRICT;
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
 STRICT;
INSERT INTO "member" VALUES(1,'admin','관리자','','admin@hanbit.example','','ko','관리자','ㄱㄹㅈ',1,'active',1);
INSERT INTO "member" VALUES(2,'minsu','김민수','','minsu@hanbit.example','','ko','김민수','ㄱㅁㅅ',1,'active',1);
INSERT INTO "member" VALUES(3,'yuna','이유나','','yuna@hanbit.example','','ko','이유나','ㅇㅇㄴ',1,'active',1);
CREATE TABLE organization (
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    domain TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    owner_account TEXT NOT NULL, ipcc_agreed INTEGER DEFAULT 0 NOT NULL, mobile_contact_activated INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_organization PRIMARY KEY (id),
    CONSTRAINT uq_organization_code UNIQUE (code)
)
 STRICT;
INSERT INTO "organization" VALUES(1,'vzpu4N3YMdPlAQ87','한빛 고객센터','hanbit','Asia/Seoul','admin',1,0);
CREATE TABLE organization_admin (
    member_id INTEGER NOT NULL,
    CONSTRAINT pk_organization_admin PRIMARY KEY (member_id),
    CONSTRAINT fk_organization_admin_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)
 STRICT;
INSERT INTO "organization_admin" VALUES(1);
CREATE TABLE organization_key (
    id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    tail TEXT NOT NULL,
    changed INTEGER NOT NULL,
    shown INTEGER,
    version INTEGER NOT NULL,
    CONSTRAINT pk_organization_key PRIMARY KEY (id)
)
 STRICT;
INSERT INTO "organization_key" VALUES(1,X'0121D01401816107F3D4366793BAFB56A42D252F0BBEC41C89487FD01C3F4526563C40BE3A710DABA48AF0CA4D39EFF16BCD05071B84A1D89B61CC3970','7502',1795826598942,NULL,1);
CREATE TABLE password (
    member_id INTEGER NOT NULL,
    hash TEXT NOT NULL,
    changed INTEGER NOT NULL,
    CONSTRAINT pk_password PRIMARY KEY (member_id),
    CONSTRAINT fk_password_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)
 STRICT;
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
 STRICT;
INSERT INTO "rate" VALUES(19700101,'callback',50000,1667,0,NULL,NULL,NULL,NULL);
INSERT INTO "rate" VALUES(19700101,'chat',10000,333,1,3000,NULL,50000,NULL);
INSERT INTO "rate" VALUES(19700101,'endusermanagement',250000,8333,0,NULL,NULL,NULL,NULL);
INSERT INTO "rate" VALUES(19700101,'helpdoc',50000,1667,0,NULL,NULL,NULL,NULL);
INSERT INTO "rate" VALUES(19700101,'knowledge',50000,1667,0,NULL,NULL,NULL,NULL);
INSERT INTO "rate" VALUES(19700101,'telticket',70000,2333,1,6000,40000,3000,1500);
INSERT INTO "rate" VALUES(19700101,'ticket',10000,333,1,3000,NULL,50000,NULL);
INSERT INTO "rate" VALUES(19700101,'ticketevaluation',100000,3333,0,NULL,NULL,NULL,NULL);
CREATE TABLE removal (
    topic TEXT NOT NULL,
    "key" TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_removal PRIMARY KEY (topic, "key")
)
 WITHOUT ROWID,
 STRICT;
INSERT INTO "removal" VALUES('cti/rows','yuna',4);
INSERT INTO "removal" VALUES('services/cs/agents/head','yuna',4);
CREATE TABLE revision (
    topic TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_revision PRIMARY KEY (topic)
)
 WITHOUT ROWID,
 STRICT;
INSERT INTO "revision" VALUES('audit/head',11);
INSERT INTO "revision" VALUES('cti/rows',4);
INSERT INTO "revision" VALUES('cti/settings',1);
INSERT INTO "revision" VALUES('me/minsu',1);
INSERT INTO "revision" VALUES('me/yuna',3);
INSERT INTO "revision" VALUES('services',3);
INSERT INTO "revision" VALUES('services/cs/agents/head',4);
INSERT INTO "revision" VALUES('services/cs/stats/minsu',1);
CREATE TABLE service (
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    state TEXT DEFAULT 'inuse' NOT NULL, version INTEGER DEFAULT 1 NOT NULL, registered_day INTEGER, edited_day INTEGER, terminated_day INTEGER,
    CONSTRAINT pk_service PRIMARY KEY (id),
    CONSTRAINT uq_service_code UNIQUE (code),
    CONSTRAINT uq_service_name UNIQUE (name)
)
 STRICT;
INSERT INTO "service" VALUES(1,'cs','고객상담','consultation','ko','Asia/Seoul','inuse',2,20261128,NULL,NULL);
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
 STRICT;
CREATE TABLE service_language (
    service_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    language TEXT NOT NULL,
    CONSTRAINT pk_service_language PRIMARY KEY (service_id, position),
    CONSTRAINT fk_service_language_service_id FOREIGN KEY(service_id) REFERENCES service (id)
)
 WITHOUT ROWID,
 STRICT;
INSERT INTO "service_language" VALUES(1,0,'ko');
CREATE TABLE source (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT pk_source PRIMARY KEY (id),
    CONSTRAINT uq_source_name UNIQUE (name)
)
 STRICT;
INSERT INTO "source" VALUES(1,'asterisk/queue_log');
CREATE TABLE steady_clock (
    id INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    since INTEGER NOT NULL,
    CONSTRAINT pk_steady_clock PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE ticket (
    service_id INTEGER NOT NULL,
    ticket TEXT NOT NULL,
    state TEXT NOT NULL,
    owner_id INTEGER,
    at INTEGER NOT NULL,
    solved_at INTEGER,
    solved_by INTEGER,
    closed_at INTEGER,
    closed_by INTEGER, first_at INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_ticket PRIMARY KEY (service_id, ticket)
)
 WITHOUT ROWID,
 STRICT;
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
 STRICT;
CREATE INDEX ix_attempt_forgotten ON attempt (forgotten);
CREATE INDEX ix_audit_action_id_seq ON audit (action_id, seq);
CREATE INDEX ix_audit_actor_id_seq_service_id_action_id ON audit (actor_id, seq, service_id, action_id);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_audit_ip_id_seq_service_id_action_id ON audit (ip_id, seq, service_id, action_id);
CREATE INDEX ix_audit_service_id_action_id_seq ON audit (service_id, action_id, seq);
CREATE INDEX ix_audit_target_id_seq_service_id_action_id ON audit (target_id, seq, service_id, action_id);
CREATE INDEX ix_audit_ip_packed ON audit_ip (packed);
CREATE INDEX ix_event_service_id_member_id_at ON event (service_id, member_id, at);
CREATE INDEX ix_event_ticket ON event (service_id, ticket) WHERE ticket IS NOT NULL;
CREATE INDEX ix_idempotency_at ON idempotency (at);
CREATE INDEX ix_interval_service_id_member_id_day ON interval (service_id, member_id, day);
CREATE INDEX ix_mail_waiting ON mail (next_try) WHERE state = 'waiting';
CREATE INDEX ix_ticket_service_id_closed_by_closed_at ON ticket (service_id, closed_by, closed_at);
CREATE INDEX ix_ticket_service_id_owner_id_state ON ticket (service_id, owner_id, state);
CREATE INDEX ix_ticket_service_id_solved_by_solved_at ON ticket (service_id, solved_by, solved_at);
CREATE INDEX ix_agent_member_id ON agent (member_id);
CREATE INDEX ix_agent_service_id_changed ON agent (service_id, changed);
CREATE INDEX ix_cti_agent_changed ON cti_agent (changed);
CREATE INDEX ix_token_member_id ON token (member_id);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_only_next BEFORE INSERT ON audit WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit) OR NEW.at < (SELECT at FROM audit ORDER BY seq DESC LIMIT 1) BEGIN SELECT RAISE(ABORT, 'the permission-change log takes only the next entry'); END;
CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_head_only_on BEFORE UPDATE ON audit_head WHEN NEW.id IS NOT OLD.id OR NEW.seq <= OLD.seq BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_head_one BEFORE INSERT ON audit_head WHEN NEW.id IS NOT 1 OR EXISTS (SELECT 1 FROM audit_head) BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_person_no_update BEFORE UPDATE OF id, account, name, folded_account, folded, choseong ON audit_person BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_person_no_delete BEFORE DELETE ON audit_person BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_person_no_replace BEFORE INSERT ON audit_person WHEN EXISTS (SELECT 1 FROM audit_person WHERE id = NEW.id OR (account = NEW.account AND name = NEW.name)) BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_ip_no_update BEFORE UPDATE OF id, ip, packed ON audit_ip BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_ip_no_delete BEFORE DELETE ON audit_ip BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_ip_no_replace BEFORE INSERT ON audit_ip WHEN EXISTS (SELECT 1 FROM audit_ip WHERE id = NEW.id OR (ip = NEW.ip)) BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_service_no_update BEFORE UPDATE OF id, code ON audit_service BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_service_no_delete BEFORE DELETE ON audit_service BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_service_no_replace BEFORE INSERT ON audit_service WHEN EXISTS (SELECT 1 FROM audit_service WHERE id = NEW.id OR (code = NEW.code)) BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_action_no_update BEFORE UPDATE OF id, action ON audit_action BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_action_no_delete BEFORE DELETE ON audit_action BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE TRIGGER audit_action_no_replace BEFORE INSERT ON audit_action WHEN EXISTS (SELECT 1 FROM audit_action WHERE id = NEW.id OR (action = NEW.action)) BEGIN SELECT RAISE(ABORT, 'the permission-change log is append-only'); END;
CREATE INDEX ix_event_cti_log ON event (service_id, cti_day, id) WHERE cti_day IS NOT NULL;
CREATE INDEX ix_ticket_service_id_first_at ON ticket (service_id, first_at);
CREATE INDEX ix_event_chat_opened ON event (service_id, at) WHERE type = 'octui.chat.opened';
CREATE INDEX ix_figure_calls ON figure (service_id, day) WHERE state IN ('inbound_calls', 'outbound_calls')
;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('member',3);
COMMIT;
