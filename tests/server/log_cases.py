"""Cases of the rules of real call data, as lines (server/log_lines.py), each named by its rule."""

CASES = {
    "42 PAUSEALL where a login alone is known": (
        """
        0|x|NONE|Agent/1001|AGENTLOGIN|c
        100|NONE|NONE|Agent/1001|PAUSEALL|
        400|NONE|NONE|Agent/1001|UNPAUSEALL|
        900|x|NONE|Agent/1001|AGENTLOGOFF|c|900
        """,
        "ready 600/2, rest 300/1; 0-900",
    ),
    "37 PAUSEALL first proves presence": (
        """
        0|NONE|NONE|Agent/1001|PAUSEALL|
        300|NONE|NONE|Agent/1001|UNPAUSEALL|
        400|c1|q1|Agent/1001|RINGNOANSWER|0
        """,
        "ready 100/1, rest 300/1; 0-400?",
    ),
    "37 events after a logout": (
        """
        0|x|NONE|Agent/1001|AGENTCALLBACKLOGIN|c
        0|NONE|q1|Agent/1001|ADDMEMBER|
        900|x|NONE|Agent/1001|AGENTCALLBACKLOGOFF|c|900
        900|NONE|NONE|Agent/1001|UNPAUSEALL|
        901|NONE|q1|Agent/1001|UNPAUSE|
        """,
        "ready 900/1; 0-900",
    ),
    "37 CONNECT after REMOVEMEMBER proves the call alone": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100|NONE|q1|Agent/1001|REMOVEMEMBER|
        110|c1|q1|Agent/1001|CONNECT|5|b|5
        150|c1|q1|Agent/1001|COMPLETECALLER|5|40|1
        200|NONE|q1|Agent/1001|PAUSE|
        """,
        "inbound_calls 40/1, ready 100/1; 0-100 110-150",
    ),
    "38 a call outlives its membership": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100|c1|q1|Agent/1001|CONNECT|5|b|0
        200|NONE|q1|Agent/1001|REMOVEMEMBER|
        201|NONE|q2|Agent/1001|ADDMEMBER|
        500|c1|q1|Agent/1001|COMPLETECALLER|5|400|1
        900|NONE|q2|Agent/1001|REMOVEMEMBER|
        """,
        "inbound_calls 400/1, ready 500/2; 0-900",
    ),
    "38 logged out when the last call ends": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100|c1|q1|Agent/1001|CONNECT|5|b|0
        200|x|NONE|Agent/1001|AGENTLOGOFF|c|900
        500|c1|q1|Agent/1001|COMPLETECALLER|5|400|1
        """,
        "inbound_calls 400/1, ready 100/1; 0-500",
    ),
    "40 several calls at once": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100|c1|q1|Agent/1001|CONNECT|5|b|0
        200|c2|q1|Agent/1001|CONNECT|5|b|10
        300|c2|q1|Agent/1001|COMPLETECALLER|5|100|1
        500|c1|q1|Agent/1001|COMPLETECALLER|5|400|1
        900|NONE|q1|Agent/1001|REMOVEMEMBER|
        """,
        "inbound_calls 400/2, ready 500/2; 0-900",
    ),
    "39 static members": (
        """
        100|c1|q1|Agent/1001|CONNECT|5|b|5
        200|c1|q1|Agent/1001|COMPLETECALLER|5|100|1
        300|c2|q1|Agent/1001|CONNECT|5|b|10
        400|c2|q1|Agent/1001|COMPLETEAGENT|5|100|1
        180000|c3|q1|Agent/1001|RINGNOANSWER|5000
        180100|c3|q1|Agent/1001|CONNECT|5|b|10
        180160|c3|q1|Agent/1001|COMPLETEAGENT|5|100|1
        """,
        "inbound_calls 260/3, other 10/1, ready 90/3; 100-400? 180100-180160?",
    ),
    "39 a logged membership needs no proof": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        180000|NONE|q1|Agent/1001|REMOVEMEMBER|
        """,
        "ready 180000/1; 0-180000",
    ),
    "40 answered again after a transfer": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100|c1|q1|Agent/1001|CONNECT|5|b|0
        200|c1|q1|Agent/1001|BLINDTRANSFER|8001|from-queue
        300|c1|q1|Agent/1001|CONNECT|5|b|5
        400|c1|q1|Agent/1001|COMPLETECALLER|5|100|1
        900|NONE|q1|Agent/1001|REMOVEMEMBER|
        """,
        "inbound_calls 200/2, other 5/1, ready 695/3, transfer 0/1; 0-900",
    ),
    "40 calls are over before 12 hours of silence": (
        """
        0|x|NONE|Agent/1001|AGENTLOGIN|c
        100|c1|q1|Agent/1001|CONNECT|5|b|0
        200|c2|q1|Agent/1001|RINGNOANSWER|5000
        43400|x|NONE|Agent/1001|AGENTLOGOFF|c|900
        """,
        "inbound_calls 100/1, ready 43300/2; 0-43400",
    ),
    "40 ends without an ID, and of a call without one": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100|c1|q1|Agent/1001|CONNECT|5|b|0
        200|NONE|q1|Agent/1001|CONNECT|5|b|0
        250|c3|q1|Agent/1001|COMPLETECALLER|
        260|c4|q1|Agent/1001|COMPLETECALLER|
        300|NONE|q1|Agent/1001|COMPLETECALLER|
        900|NONE|q1|Agent/1001|REMOVEMEMBER|
        """,
        "inbound_calls 200/2, ready 700/2; 0-900",
    ),
    "42 UNPAUSEALL frees every queue": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100|NONE|q1|Agent/1001|PAUSE|lunch
        1000|NONE|NONE|Agent/1001|PAUSEALL|lunch
        2800|NONE|NONE|Agent/1001|UNPAUSEALL|
        3700|NONE|q1|Agent/1001|UNPAUSE|
        3800|NONE|q1|Agent/1001|REMOVEMEMBER|
        """,
        "meal 2700/1, ready 1100/2; 0-3800",
    ),
    "42 UNPAUSE of one queue leaves the others paused": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        0|NONE|q2|Agent/1001|ADDMEMBER|
        100|NONE|NONE|Agent/1001|PAUSEALL|lunch
        200|NONE|q1|Agent/1001|UNPAUSE|
        300|NONE|q1|Agent/1001|REMOVEMEMBER|
        400|NONE|q2|Agent/1001|REMOVEMEMBER|
        """,
        "meal 200/2, ready 200/2; 0-400",
    ),
    "42 a queue assumed by CONNECT under PAUSEALL is paused": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100|NONE|NONE|Agent/1001|PAUSEALL|lunch
        150|c1|q2|Agent/1001|CONNECT|5|b|5
        160|c1|q2|Agent/1001|COMPLETECALLER|
        200|NONE|q1|Agent/1001|UNPAUSE|
        300|NONE|q1|Agent/1001|REMOVEMEMBER|
        400|NONE|q2|Agent/1001|REMOVEMEMBER|
        """,
        "inbound_calls 10/1, meal 85/2, other 5/1, ready 200/2, rest 100/1; 0-400",
    ),
    "43 the reason follows within two seconds": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100|NONE|NONE|Agent/1001|PAUSEALL|
        102|NONE|q1|Agent/1001|PAUSE|meeting
        400|NONE|NONE|Agent/1001|UNPAUSEALL|
        500|NONE|q1|Agent/1001|REMOVEMEMBER|
        """,
        "meeting 300/1, ready 200/2; 0-500",
    ),
    "43 a reason later than that holds from then on": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100|NONE|NONE|Agent/1001|PAUSEALL|
        103|NONE|q1|Agent/1001|PAUSE|meeting
        400|NONE|NONE|Agent/1001|UNPAUSEALL|
        500|NONE|q1|Agent/1001|REMOVEMEMBER|
        """,
        "meeting 297/1, ready 200/2, rest 3/1; 0-500",
    ),
    "43 PAUSEREASON names a pause without a reason from its beginning": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100|NONE|NONE|Agent/1001|PAUSEALL|
        130|NONE|NONE|Agent/1001|PAUSEREASON|lunch
        200|NONE|NONE|Agent/1001|PAUSEREASON|meeting
        400|NONE|NONE|Agent/1001|UNPAUSEALL|
        410|NONE|NONE|Agent/1001|PAUSEREASON|meeting
        500|NONE|q1|Agent/1001|REMOVEMEMBER|
        """,
        "meal 100/1, meeting 200/1, ready 200/2; 0-500",
    ),
    "45 a key holds until the pause changes, and says that no call is open": (
        """
        0 phone.login
        10 phone.state meeting
        20|c1|q1|Agent/1001|CONNECT|5|b|0
        50 phone.state ticket_work
        60|c1|q1|Agent/1001|COMPLETECALLER|
        70|NONE|q1|Agent/1001|PAUSE|lunch
        80 phone.logout
        """,
        "inbound_calls 30/1, meal 10/1, meeting 10/1, ready 10/1, ticket_work 20/1; 0-80",
    ),
    "45 a named hold ends with its call": (
        """
        0 phone.login
        20|c1|q1|Agent/1001|CONNECT|5|b|0
        50 phone.state hold
        60|c1|q1|Agent/1001|COMPLETECALLER|
        80 phone.logout
        """,
        "inbound_calls 30/1, other 10/1, ready 40/2; 0-80",
    ),
    "46 an outbound call": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100 call.dialled o1
        110 call.answered o1
        120|c1|q1|Agent/1001|CONNECT|5|b|0
        130|c1|q1|Agent/1001|COMPLETECALLER|
        150 call.ended o1
        200|NONE|q1|Agent/1001|REMOVEMEMBER|
        210 call.dialled o2
        215 call.answered o2
        225 call.ended o2
        """,
        "inbound_calls 10/1, other 15/2, outbound_calls 40/2, ready 150/2; 0-200 210-225",
    ),
    "38 a restart ends everything": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        10|c1|q1|Agent/1001|CONNECT|5|b|0
        50|NONE|NONE|NONE|QUEUESTART|
        60|c1|q1|Agent/1001|COMPLETECALLER|
        70|NONE|q1|Agent/1001|PAUSE|lunch
        75|NONE|q1|Agent/1001|UNPAUSE|
        """,
        "inbound_calls 40/1, meal 5/1, ready 10/2; 0-50 70-75?",
    ),
    "42 PAUSEALL without a reason pauses each queue": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        0|NONE|q2|Agent/1001|ADDMEMBER|
        100|NONE|NONE|Agent/1001|PAUSEALL|
        200|NONE|q1|Agent/1001|UNPAUSE|
        300|NONE|q1|Agent/1001|REMOVEMEMBER|
        400|NONE|q2|Agent/1001|REMOVEMEMBER|
        """,
        "ready 200/2, rest 200/2; 0-400",
    ),
    "43 a PAUSE without a reason under a PAUSEALL changes nothing": (
        """
        0|NONE|q1|Agent/1001|ADDMEMBER|
        100|NONE|q1|Agent/1001|PAUSE|lunch
        200|NONE|NONE|Agent/1001|PAUSEALL|
        210|NONE|q1|Agent/1001|PAUSE|
        400|NONE|NONE|Agent/1001|UNPAUSEALL|
        500|NONE|q1|Agent/1001|REMOVEMEMBER|
        """,
        "meal 300/1, ready 200/2; 0-500",
    ),
    "45 hold without an ID is that of the call shown": (
        """
        0 phone.login
        10|c1|q1|Agent/1001|CONNECT|5|b|0
        20|c2|q1|Agent/1001|CONNECT|5|b|0
        30 phone.state hold
        40|c1|q1|Agent/1001|COMPLETECALLER|
        50|c2|q1|Agent/1001|COMPLETECALLER|
        80 phone.logout
        """,
        "inbound_calls 20/2, other 20/1, ready 40/2; 0-80",
    ),
}
"""What the rules or a person say of some lines: seconds and counts by state, and the stretches of login."""


FOUND = {
    "39 a call over midnight carries the membership over": """
        53000|c1|q1|Agent/1001|CONNECT|5|b|5
        55000|c1|q1|Agent/1001|COMPLETECALLER|
        55100|c2|q1|Agent/1001|RINGNOANSWER|5000
        """,
    "39 QUEUESTART ends an assumed presence at the last event before it": """
        0|NONE|q1|Agent/1001|PAUSE|lunch
        3600|NONE|NONE|NONE|QUEUESTART|
        3700|NONE|q1|Agent/1001|TRANSFER|
        """,
    "43 an entry that is named anew stays an entry": """
        0|NONE|q1|Agent/1001|PAUSE|세차
        9|NONE|NONE|Agent/1001|PAUSEALL|meeting
        10|NONE|q1|Agent/1001|PAUSE|세차
        """,
    "43 a reason that was taken away had been named": """
        0|NONE|q1|Agent/1001|PAUSE|세차
        63|NONE|q1|Agent/1001|PAUSE|
        600|NONE|NONE|Agent/1001|PAUSEREASON|meeting
        """,
    "44 a transfer without an ID is that of the transfer named": """
        0 phone.state transfer c1
        2|NONE|q1|Agent/1001|ATTENDEDTRANSFER|
        """,
    "44 what a CTI has named is known until the login ends": """
        0 phone.state transfer c1
        97323 phone.state inbound_calls c2
        97325|c2|NONE|Agent/1001|AGENTCALLBACKLOGOFF|
        97386|NONE|q3|Agent/1001|CONNECT|5|b|5
        97395|c1|q3|Agent/1001|TRANSFER|
        """,
    "45 the call shown has no ID after a later one has ended": """
        0|NONE|q1|Agent/1001|CONNECT|5|b|20
        9|c1|q3|Agent/1001|CONNECT|5|b|5
        611|c1|q1|Agent/1001|BLINDTRANSFER|
        613 phone.state inbound_calls c2
        """,
}
"""What the comparison has found, in the program, the reckoner or the text."""
