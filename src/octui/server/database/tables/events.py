"""Tables of events, intervals and agents' figures of a day."""

from sqlalchemy import Column, Index, Integer, LargeBinary, UniqueConstraint, text

from octui.server.database.tables.base import BIG, KEY, MS, Text, key, partial_index, table

source = table("source", key(), Column("name", Text, nullable=False, unique=True))

event = table(
    "event",
    key(),  # order of arrival
    Column("source_id", KEY, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("service_id", KEY, nullable=False),
    Column("member_id", KEY),  # 0: concerns everybody in the service; None: nobody
    Column("at", MS, nullable=False),
    Column("sequence", BIG, nullable=False, server_default=text("0")),
    Column("type", Text, nullable=False),
    Column("data", Text, nullable=False),  # JSON
    Column("ticket", Text),
    Column("cti_day", Integer),  # the service's day in the CTI log; None: not in it
    Column("file_id", KEY),  # the file it was read from (intake_file); None: from none
    Column("line", BIG),  # its line there, from 1
    UniqueConstraint("service_id", "source_id", "event_id"),  # two services may live on one log
    Index(None, "service_id", "member_id", "at"),
    partial_index("ix_event_ticket", "service_id", "ticket", where="ticket IS NOT NULL"),
    partial_index("ix_event_cti_log", "service_id", "cti_day", "id", where="cti_day IS NOT NULL"),
    partial_index("ix_event_chat_opened", "service_id", "at", where="type = 'octui.chat.opened'"),
)

# How far each file of a PBX has been read. Written in the transaction of the events that were read from it.
intake_file = table(
    "intake_file",
    key(),
    Column("service_id", KEY, nullable=False),
    Column("kind", Text, nullable=False),  # queue_log, cdr, cel
    Column("name", Text, nullable=False),  # its path, as shown
    Column("head", LargeBinary, nullable=False),  # digest of its first line, by which it is known after a rename
    Column("device", BIG, nullable=False),
    Column("inode", BIG, nullable=False),
    Column("position", BIG, nullable=False),  # bytes read, up to the end of a line
    Column("line", BIG, nullable=False),  # lines read
    Column("digest", LargeBinary, nullable=False),  # of the last line read
    Column("state", Text, nullable=False),  # JSON of what the reader has to remember (intake/)
    Column("unmatched", Text, nullable=False),  # JSON list of names in it that matched nobody
    Column("at", MS, nullable=False),  # when it was last read
    UniqueConstraint("service_id", "kind", "head"),
)

# Names in events that match no agent, and what suggests whose they are (rules.md 36).
unmatched_name = table(
    "unmatched_name",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("count", BIG, nullable=False),
    Column("first_at", MS, nullable=False),
    Column("last_at", MS, nullable=False),
    Column("evidence", Text, nullable=False),  # JSON, of events/alias_rules.py
    natural_key=True,
)

# What the search for an agent's other names remembers from one batch to the next (events/alias_rules.py).
alias_memory = table(
    "alias_memory",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("at", MS, nullable=False),  # of the last event seen
    Column("memory", Text, nullable=False),  # JSON
)

# How many entries the CTI log of a service has on each of its days.
cti_log_day = table(
    "cti_log_day",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("count", BIG, nullable=False),
    natural_key=True,
)

# How far the CTI log of a service has been purged: earlier events are neither shown nor taken in.
cti_log_floor = table(
    "cti_log_floor",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("day", Integer, nullable=False),  # the first day kept
    Column("at", MS, nullable=False),  # its first instant as it was then: the service may change its time zone
)

# The last check of the clock before purging, and since when it has run without a jump (clock_guard.py).
steady_clock = table(
    "steady_clock",
    Column("id", KEY, primary_key=True, autoincrement=False),  # 1
    Column("seen", MS, nullable=False),
    Column("since", MS, nullable=False),
)

# A call in the queues of a service, by its call ID (events/queue_call_rules.py).
queue_call = table(
    "queue_call",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("call", Text, primary_key=True),
    Column("first_at", MS, nullable=False),  # of its first fact
    Column("last_at", MS, nullable=False),  # of its last fact
    Column("data", Text, nullable=False),  # JSON: what its events say, its part in queue_minute and in queue_stay
    natural_key=True,
)

# Stays of calls in a queue: those that run, and those at the end of at least one minute (rules.md 48).
queue_stay = table(
    "queue_stay",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("start", MS, primary_key=True, autoincrement=False),
    Column("call", Text, primary_key=True),
    Column("end", MS),  # None: it runs, for at most four hours
    Column("since", MS, nullable=False),  # the wait counts from then
    partial_index("ix_queue_stay_running", "service_id", "start", where='"end" IS NULL'),
    natural_key=True,
)

# A service's minute (rules.md 48). The agents are differences: from this minute's end on there are so many more, until
# the service's day ends. What still runs is not in it and is added when it is read.
queue_minute = table(
    "queue_minute",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("minute", BIG, primary_key=True, autoincrement=False),  # since 1970
    Column("offered", BIG, nullable=False),
    Column("answered", BIG, nullable=False),
    Column("in_time", BIG, nullable=False),  # answered within the threshold
    Column("abandoned", BIG, nullable=False),
    Column("ready", BIG, nullable=False),
    Column("on_call", BIG, nullable=False),
    Column("outbound", BIG, nullable=False),
    Column("break_work", BIG, nullable=False),
    natural_key=True,
)

# What is counted of a service at all (rules.md 50).
floor_service = table(
    "floor_service",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("counted_after", MS, nullable=False),  # events up to this one came before there were minutes; 0: none
    Column("has_calls", Integer, nullable=False),  # 1: a source has told of a call in a queue
    natural_key=True,
)

# The first and the last event of a service's day, keys excepted (rules.md 50).
service_day = table(
    "service_day",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("first_at", MS, nullable=False),
    Column("last_at", MS, nullable=False),
    natural_key=True,
)

# The longest wait in time (seconds), from a day of the service on (rules.md 48). Without a row it is 20 s.
queue_threshold = table(
    "queue_threshold",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("seconds", Integer, nullable=False),
    natural_key=True,
)

# The limits of a service beyond which something needs a look (rules.md 51). Without a row they are the usual ones.
floor_limit = table(
    "floor_limit",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("limits", Text, nullable=False),  # JSON of schema/floor.py FloorLimits
    Column("version", BIG, nullable=False),
    natural_key=True,
)

# Up to when each source has told what happened in a service (rules.md 50).
source_clock = table(
    "source_clock",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("source", Text, primary_key=True),  # of events; of a log that is followed its kind and path
    Column("until_at", MS, nullable=False),
    Column("followed_at", MS, nullable=False),  # the server's time of the last sign of life; 0: it is not followed
    natural_key=True,
)

# The running states of an agent: what the rules need to go on with the next event (events/timeline_rules.py).
agent_state = table(
    "agent_state",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("member_id", KEY, primary_key=True, autoincrement=False),
    Column("at", MS, nullable=False),  # of the last event taken in
    Column("state", Text),  # phone state of the moment; None: not logged in
    Column("since", MS),
    Column("detail", Text),  # which state is shown as other
    Column("expires", MS),  # when the state is over without another event (rules.md 39, 40); None: never
    Column("context", Text, nullable=False),  # JSON
    Column("changed", BIG, nullable=False),  # revision of agents_topic(service)
    natural_key=True,
)

# The context an agent began a day with, so that a late event can rebuild from that day on.
agent_day = table(
    "agent_day",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("member_id", KEY, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("opening", Text, nullable=False),  # JSON
    Column("time_zone", Text, nullable=False),  # as it was then: a later change never re-cuts an old day
    natural_key=True,
)

figure = table(
    "figure",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("member_id", KEY, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("channel", Text, primary_key=True),  # phone, chat, login
    Column("state", Text, primary_key=True),
    Column("count", BIG, nullable=False),
    Column("ms", BIG, nullable=False),
    partial_index("ix_figure_calls", "service_id", "day", where="state IN ('inbound_calls', 'outbound_calls')"),
    natural_key=True,
)

interval = table(
    "interval",
    key(),
    Column("service_id", KEY, nullable=False),
    Column("member_id", KEY, nullable=False),
    Column("day", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("start", MS, nullable=False),
    Column("end", MS, nullable=False),
    Column("counted", Integer, nullable=False),
    Column("call", Text),
    Column("detail", Text),  # which state is shown as other, "": none; None: stored by 0.2.0
    Column("emitted", Integer, nullable=False),  # day of the event that ended it; the day shown is that of its piece
    Index(None, "service_id", "member_id", "day"),
)

ticket = table(
    "ticket",
    Column("service_id", KEY, primary_key=True, autoincrement=False),
    Column("ticket", Text, primary_key=True),
    Column("state", Text, nullable=False),  # open, solved, closed
    Column("owner_id", KEY),
    Column("at", MS, nullable=False),
    Column("solved_at", MS),
    Column("solved_by", KEY),
    Column("closed_at", MS),
    Column("closed_by", KEY),
    Column("first_at", MS, nullable=False, server_default=text("0")),  # of its first event
    Index(None, "service_id", "first_at"),
    Index(None, "service_id", "owner_id", "state"),
    Index(None, "service_id", "solved_by", "solved_at"),
    Index(None, "service_id", "closed_by", "closed_at"),
    natural_key=True,
)
