"""The goals, and whether they are met."""
import dataclasses
import fnmatch


@dataclasses.dataclass(frozen=True)
class Goal:
    what: str
    cases: str  # a pattern
    peer: str  # "" where the goal is an amount
    least: float  # times the peer, or at most so much


GOALS = [
    Goal("SMTP into Maildirs, 4 KiB, 10 and more sessions", "smtp.4k.c?0*", "postfix", 2),
    Goal("the same, Postfix handing to Dovecot", "smtp.4k.c?0*", "postfix+dovecot", 2),
    Goal("the same, one session", "smtp.4k.c1.*", "postfix", 1.3),
    Goal("the same, against the disk", "smtp.4k.*", "disk", 0.8),
    Goal("relay through the queue", "relay.*.in", "postfix", 2),
    Goal("relay through the queue", "relay.*.out", "postfix", 2),
    Goal("IMAP mixed commands", "mixed.c20", "dovecot", 1.5),
    Goal("SELECT of a large mailbox, first after start", "big.select-restart", "dovecot", 1),
    Goal("SELECT of a large mailbox, without index", "big.select-cold", "dovecot", 1),
    Goal("SELECT of a large mailbox that is open", "big.select-open", "dovecot", 10),
    Goal("FETCH of all envelopes, indexed", "big.fetch-envelope-warm2", "dovecot", 1.5),
    Goal("APPEND", "append.*", "dovecot", 1.5),
    Goal("POP3 full download", "pop3.retr-*", "dovecot", 1.5),
    Goal("memory of an idle session", "idle.*.per-conn", "", 20),
    Goal("new mail to an IDLE client", "idle-notify-p50", "", 5),
    Goal("login and SELECT", "login+select.*", "dovecot-fast", 5),
    Goal("start to first greeting", "start.greeting", "", 0.5),
    Goal("memory after start", "start.memory", "", 100),
]


@dataclasses.dataclass(frozen=True)
class Outcome:
    goal: Goal
    case: str
    here: float
    unit: str
    there: float | None
    reached: float  # the ratio, or the amount
    met: bool


def outcomes(records, order):
    """One for each goal and case that was measured."""
    for goal in GOALS:
        for case in order:
            if not fnmatch.fnmatchcase(case, goal.cases):
                continue
            here, unit = records.median(case, "fullstack"), records.unit(case)
            if here is None:
                continue
            if not goal.peer:
                yield Outcome(goal, case, here, unit, None, here, here <= goal.least)
            elif (ratio := records.ratio(case, goal.peer)) is not None:
                yield Outcome(goal, case, here, unit, records.median(case, goal.peer), ratio, ratio >= goal.least)


def reasons(path):
    """What is kept by hand: text under headings that are patterns of cases."""
    found, pattern = {}, None
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.startswith("## "):
            pattern = line[3:].strip().strip("`")
            found[pattern] = []
        elif pattern:
            found[pattern].append(line)
    return {pattern: "\n".join(lines).strip() for pattern, lines in found.items()}


def reason_of(case, known):
    """The first text whose pattern fits, by its pattern."""
    return next((pattern for pattern in known if fnmatch.fnmatchcase(case, pattern)), None)
