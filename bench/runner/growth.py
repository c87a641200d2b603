"""What is measured of this server as things grow: a subject is a list of sizes, and of each size some cases."""
import dataclasses
import math
import os
import pathlib
import re
import subprocess
import time
from collections.abc import Callable

from .clients import HERE, Failed
from .records import Measured
from .suites import idle_sessions

QUEUE_LINES = {"start until the first message is handed on": ("queue.start", "s"), "enqueued": ("queue.taken-on", "msg/s"), "dispatched": ("queue.handed-on", "msg/s"),
               "dispatched, all due, from the waking on": ("queue.flushed", "msg/s"), "memory": ("queue.memory", "MiB"), "database": ("queue.database", "MiB")}
EVERY_LOGIN = 10_000  # accounts that are all logged in to, at most


@dataclasses.dataclass(frozen=True)
class Picture:
    name: str
    title: str
    up: str
    cases: tuple  # (case, label, factor)


@dataclasses.dataclass(frozen=True)
class Subject:
    name: str
    what: str  # of which there are more and more
    sizes: tuple
    quick: tuple
    measure: Callable  # (bench, target or None, size, run) -> [Measured]
    pictures: tuple
    users: Callable = lambda size: 10  # how many accounts a server is started with; 0: it needs none


def resident(target):
    """Memory once nothing happens any more."""
    time.sleep(3)
    return target.pss()


def timed_logins(bench, target, first, count, label, box=""):
    rate, cpu = bench.clients.rate("imapbench", "/s", target, count, *bench.clients.login(target), "-F", first, "-U", count, "-n", count, "-c", 1, "-b", box, "login")
    return Measured(label, 1000 / rate, "ms", cpu / 1000, "s each")


def accounts(bench, target, size, run):
    """Accounts in the directory; the server was started with them."""
    found = [Measured("accounts.import", float((target.folder / "import.seconds").read_text()), "s")]
    found += [Measured("accounts.start", target.restart(), "s"), Measured("accounts.memory-start", resident(target), "MiB")]
    timed_logins(bench, target, 1, 1, "")  # compiles what is needed
    few = min(10, size // 2)
    found += [timed_logins(bench, target, 2, few, "accounts.login-new"), timed_logins(bench, target, 2, few, "accounts.login-known")]
    found += bench.clients.commands(target, 2, "accounts", [("list", 'LIST "" "*"'), ("select", "SELECT INBOX")])
    rate, cpu = bench.clients.rate("smtpload", "msg/s", target, 50, "-p", target.values["SMTP_PORT"], "-n", 50, "-c", 1, "-m", 50, "-r", target.values["RCPT_TMPL"], "-u", few, "-F", 2)
    found.append(Measured("accounts.deliver", 1000 / rate, "ms", cpu / 1000, "s each"))
    begun = time.monotonic()
    subprocess.run(["dotnet", f"{bench.shared['server']}/fullstack.dll", "user", "list", "--config", str(target.folder / "fullstack.yaml")], check=True, stdout=subprocess.DEVNULL, timeout=600)
    found.append(Measured("accounts.listing", time.monotonic() - begun, "s"))
    every = min(size, EVERY_LOGIN)
    rate, cpu = bench.clients.rate("imapbench", "/s", target, every, *bench.clients.login(target), "-U", every, "-n", every, "-c", 10, "login")
    return [*found, Measured("accounts.login-all", every / rate, "s", cpu * every / 1000, "s each"), Measured("accounts.memory-all", resident(target), "MiB"),
            Measured("accounts.disk", tree_size(target.folder / "data") / 1024 / size, "KiB")]


def tree_size(folder):
    return int(subprocess.run(["du", "-s", "-k", str(folder)], capture_output=True, text=True, check=True).stdout.split()[0]) * 1024


def idle(bench, target, size, run):
    """Sessions in IDLE, each of an account of its own."""
    timed_logins(bench, target, 1, min(size, 10), "", box="INBOX")
    begun = time.monotonic()
    found = idle_sessions(bench, target, "idle", size, "IMAP_PORT", users=size)
    return [*found, Measured("idle.begin-and-end", time.monotonic() - begun, "s")]


def mailbox(bench, target, size, run):
    """One mailbox of so many messages, of an account that has no other."""
    user, home = 1, pathlib.Path(target.values["USERDIR"].replace("%d", "1"))
    begun = time.monotonic()
    if not (home / "Maildir" / "cur").is_dir() or len(os.listdir(home / "Maildir" / "cur")) < size:
        target.script("stop")
        subprocess.run(["rm", "-rf", str(home)], check=True)
        home.mkdir(parents=True)
        subprocess.run([str(HERE / "mkmail.py"), "maildirsw", str(home / "Maildir"), str(size)], check=True, stderr=subprocess.DEVNULL)
        subprocess.run(["chown", "-R", target.values["OWNER"], str(home)], check=True)
        os.sync()
        target.restart()
        print(f"bench: {size} messages made in {time.monotonic() - begun:.0f} s")
    commands = lambda *labelled: bench.clients.commands(target, user, "mailbox", labelled)
    target.cold()
    timed_logins(bench, target, 2, 5, "", box="INBOX")
    before = target.pss()
    bench.calm()
    found = commands(("select-cold", "SELECT INBOX"))
    found.append(Measured("mailbox.memory-cold", max(0, resident(target) - before), "MiB"))
    bench.calm()
    found += commands(("again", "SELECT INBOX"), ("fetch-envelopes-cold", "FETCH 1:* (ENVELOPE)"))
    target.restart()
    timed_logins(bench, target, 2, 5, "", box="INBOX")
    before = target.pss()
    bench.calm()
    found += commands(("select-restart", "SELECT INBOX"))
    found.append(Measured("mailbox.memory-open", max(0, resident(target) - before), "MiB"))
    bench.calm()
    found += commands(("select-new-session", "SELECT INBOX"), ("select-open", "SELECT INBOX"), ("status", "STATUS INBOX (MESSAGES UNSEEN UIDNEXT)"), ("fetch-one", f"FETCH {size // 2} (UID FLAGS ENVELOPE)"),
                      ("store-one", f"STORE {size // 2} +FLAGS (\\Flagged)"), ("fetch-flags", "FETCH 1:* (FLAGS)"), ("search-unseen", "SEARCH UNSEEN"), ("search-uid", "UID SEARCH UID 1:100"),
                      ("fetch-envelopes", "FETCH 1:* (ENVELOPE)"), ("search-subject", "SEARCH SUBJECT quarterly"))
    rate, cpu = bench.clients.rate("smtpload", "msg/s", target, 20, "-p", target.values["LMTP_PORT"], "-L", "-n", 20, "-c", 1, "-m", 20, "-r", target.values["RCPT_TMPL"], "-u", 1)
    found.append(Measured("mailbox.deliver", 1000 / rate, "ms", cpu / 1000, "s each"))
    rate, cpu = bench.clients.rate("imapbench", "msg/s", target, 20, *bench.clients.login(target), "-n", 20, "-c", 1, "append")
    found.append(Measured("mailbox.append", 1000 / rate, "ms", cpu / 1000, "s each"))
    found += commands(("select-again", "SELECT INBOX"), ("mark-deleted", "STORE 1 +FLAGS.SILENT (\\Deleted)"), ("expunge-one", "EXPUNGE"))
    found += [Measured("mailbox.memory-after-all", max(0, resident(target) - before), "MiB"), Measured("mailbox.index", sum(file.stat().st_size for file in home.glob("index.db*")) / 1048576, "MiB")]
    return [one for one in found if not one.case.endswith((".again", ".select-again"))]


def queue(bench, target, size, run):
    """Messages that wait, by bench/queue: without a network."""
    program = bench.folder / "queue-bench"
    if not (program / "QueueBench.dll").exists() and not list(program.glob("*QueueBench.dll")):
        subprocess.run(["dotnet", "publish", str(HERE / "queue"), "-c", "Release", "-o", str(program), "--nologo", "-v", "q"], check=True, stdin=subprocess.DEVNULL)
    place = bench.folder / "queue"
    subprocess.run(["rm", "-rf", str(place)], check=True)
    place.mkdir()
    try:
        done = subprocess.run(["dotnet", str(next(program.glob("*QueueBench.dll"))), str(size), str(place), str(min(5000, max(500, size)))], capture_output=True, text=True,
                              timeout=3600, stdin=subprocess.DEVNULL)
    finally:
        subprocess.run(["rm", "-rf", str(place)], check=True)
    if done.returncode:
        raise Failed(" ".join(done.stderr.split()[-40:]))
    found = []
    for line in done.stdout.splitlines():
        words = re.match(r"(.*?) {2,}([0-9.]+) ", line)
        if words and words.group(1) in QUEUE_LINES:
            case, unit = QUEUE_LINES[words.group(1)]
            found.append(Measured(case, float(words.group(2)), unit))
            if case == "queue.flushed":
                found.append(Measured("queue.flush-all", size / float(words.group(2)), "s"))
    return found


def growth(points):
    """The exponent with which something grows between the last two sizes, or None."""
    points = sorted((x, y) for x, y in points if y and y > 0)
    if len(points) < 2:
        return None
    (x1, y1), (x2, y2) = points[-2:]
    return math.log(y2 / y1) / math.log(x2 / x1)


SUBJECTS = {subject.name: subject for subject in (
    Subject("accounts", "accounts", (10, 100, 1000, 10_000), (10, 100), accounts, (
        Picture("scale-accounts-time", "More accounts: time", "milliseconds", (
            ("accounts.start", "start to greeting", 1000), ("accounts.login-new", "login, account never seen", 1), ("accounts.login-known", "login again", 1),
            ("accounts.list", "LIST", 1000), ("accounts.deliver", "a message by SMTP", 1), ("accounts.import", "import of all", 1000), ("accounts.login-all", "login to all, ten at once", 1000))),
        Picture("scale-accounts-memory", "More accounts: memory and disk", "MiB, or KiB on disk for each", (
            ("accounts.memory-start", "memory after start", 1), ("accounts.memory-all", "memory after login to all", 1), ("accounts.disk", "disk for an account, KiB", 1)))), lambda size: size),
    Subject("idle", "sessions in IDLE", (10, 100, 1000, 10_000), (10, 100), idle, (
        Picture("scale-idle", "More sessions in IDLE", "MiB, KiB for each, or seconds", (
            ("idle.total-pss", "memory of the server, MiB", 1), ("idle.per-conn", "for each session, KiB", 1), ("idle.cpu-a-minute", "processor seconds in a minute", 1),
            ("idle.begin-and-end", "all of them begin and end, s", 1))),), lambda size: max(size, 10)),
    Subject("mailbox", "messages in a mailbox", (1000, 10_000, 100_000, 1_000_000), (1000, 5000), mailbox, (
        Picture("scale-mailbox-all", "A larger mailbox: commands that look at all messages", "seconds", (
            ("mailbox.select-cold", "SELECT without index", 1), ("mailbox.fetch-envelopes-cold", "FETCH all envelopes, not indexed", 1), ("mailbox.fetch-envelopes", "FETCH all envelopes", 1),
            ("mailbox.fetch-flags", "FETCH all flags", 1), ("mailbox.search-subject", "SEARCH SUBJECT", 1), ("mailbox.search-unseen", "SEARCH UNSEEN", 1))),
        Picture("scale-mailbox-one", "A larger mailbox: commands about one message or none", "seconds", (
            ("mailbox.select-restart", "SELECT, first after a restart", 1), ("mailbox.select-new-session", "SELECT in a new session", 1), ("mailbox.select-open", "SELECT of the open mailbox", 1),
            ("mailbox.fetch-one", "FETCH of one", 1), ("mailbox.store-one", "STORE of one", 1), ("mailbox.expunge-one", "EXPUNGE of one", 1), ("mailbox.deliver", "a message by LMTP", 0.001),
            ("mailbox.append", "APPEND", 0.001))),
        Picture("scale-mailbox-memory", "A larger mailbox: memory and disk", "MiB", (
            ("mailbox.memory-cold", "memory, opened without index", 1), ("mailbox.memory-open", "memory, opened", 1), ("mailbox.memory-after-all", "memory after all commands", 1), ("mailbox.index", "index.db", 1)))),
        lambda size: 10),
    Subject("queue", "messages that wait", (1000, 10_000, 100_000, 1_000_000), (1000, 5000), queue, (
        Picture("scale-queue", "A deeper queue", "seconds, messages a second, or MiB", (
            ("queue.start", "start to the first handed on, s", 1), ("queue.taken-on", "taken on, a second", 1), ("queue.handed-on", "handed on, a second", 1), ("queue.flush-all", "all flushed, s", 1),
            ("queue.memory", "memory, MiB", 1), ("queue.database", "queue.db, MiB", 1))),), lambda size: 0),
)}
