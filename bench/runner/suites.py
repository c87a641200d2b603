"""What is measured of each server. A suite is a list of steps; each step is run on every target in turn before the next one comes."""
import dataclasses
import pathlib
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable

from .clients import HERE, Failed
from .records import Measured


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much of everything. `environment` in bench/run changes single ones."""

    runs: int = 3
    sizes: tuple = (4, 64)
    sessions: tuple = (1, 10, 50, 200)
    connections: tuple = (1, 10, 50)
    per_connection: tuple = (1, 100)
    messages: int = 1000
    before: int = 4000  # messages taken in or appended, and sessions served, before a suite
    logins: int = 500
    big: int = 100_000
    pop: int = 4000
    idle: tuple = (1000,)
    idle_here: tuple = (1000,)  # this server only
    users: int = 1000
    mixed: int = 10
    relay: tuple = (3000,)
    quiet: int = 30
    limit: int = 300


@dataclasses.dataclass(frozen=True)
class Step:
    name: str
    measure: Callable  # (bench, target, run) -> [Measured]


@dataclasses.dataclass(frozen=True)
class Suite:
    name: str
    protocol: str
    about: str
    steps: Callable  # (Sizes) -> [Step]
    with_disk: bool = False
    warm: Callable | None = None  # (bench, target): before the first step, so that no case has in it what is done once for an account or a process


def delivery(protocol, port, *arguments):
    def steps(sizes):
        for size in sizes.sizes:
            for sessions in sizes.sessions:
                for per in sizes.per_connection:
                    case = f"{protocol}.{size}k.c{sessions}.m{per}"
                    yield Step(case, lambda bench, target, run, case=case, size=size, sessions=sessions, per=per: [Measured(case, *unit(bench.clients.delivery(
                        target, target.values[port], bench.sizes.messages, "-s", size * 1024, "-c", sessions, "-m", per, *arguments), "msg/s"))])
    return steps


def unit(pair, name):
    return pair[0], name, pair[1]


def warm_delivery(port, *arguments):
    return lambda bench, target: bench.clients.delivery(target, target.values[port], bench.sizes.before, "-s", 4096, "-c", 10, "-m", 10, *arguments)


def warm_login(program, port):
    return lambda bench, target: bench.clients.run(program, *bench.clients.login(target, port), "-U", 100, "-n", bench.sizes.before, "-c", 4, "login")


def login(sizes):
    def step(case, sessions, *arguments):
        return Step(case, lambda bench, target, run: [Measured(case, *unit(bench.clients.rate(
            "imapbench", "/s", target, bench.sizes.logins, *bench.clients.login(target), "-U", 100, "-n", bench.sizes.logins, "-c", sessions, *arguments, "login"), "/s"))])
    for sessions in sizes.connections:
        yield step(f"login+select.c{sessions}", sessions)
    yield step("login.c10", 10, "-b", "")


def append(sizes):
    """To mailboxes that have a message already."""
    def measure(bench, target, run, case, size, sessions):
        fixed = [*bench.clients.login(target), "-F", target.take_users(), "-U", 10, "-s", size * 1024, "-b", f"{target.values.get('BOX_PREFIX', '')}Bench{run}"]
        bench.clients.run("imapbench", *fixed, "-n", 10, "-c", 10, "append")
        return [Measured(case, *unit(bench.clients.rate("imapbench", "msg/s", target, bench.sizes.messages, *fixed, "-n", bench.sizes.messages, "-c", sessions, "append"), "msg/s"))]

    for size in sizes.sizes:
        for sessions in (1, 10):
            case = f"append.{size}k.c{sessions}"
            yield Step(case, lambda bench, target, run, case=case, size=size, sessions=sessions: measure(bench, target, run, case, size, sessions))


def warm_append(bench, target):
    bench.clients.run("imapbench", *bench.clients.login(target), "-F", target.take_users(), "-n", bench.sizes.before, "-c", 10, "-U", 10, "-s", 4096, "-b", "INBOX", "append")


def mix(bench, target, seconds):
    """Ten mailboxes of thirty messages each, twenty sessions."""
    first = target.take_users()
    bench.clients.run("imapbench", *bench.clients.login(target), "-F", first, "-U", 10, "-n", 300, "-c", 10, "-s", 4096, "-b", "INBOX", "append")
    return bench.clients.rate("imapbench", "commands/s", target, None, *bench.clients.login(target), "-F", first, "-U", 10, "-c", 20, "-s", 4096, "-H", seconds, "mixed")


def mixed(sizes):
    yield Step("mixed.c20", lambda bench, target, run: [Measured("mixed.c20", *unit(mix(bench, target, bench.sizes.mixed), "commands/s"))])


ENVELOPES = "FETCH 1:* (FLAGS UID RFC822.SIZE ENVELOPE)"


def big(sizes):
    """One mailbox of very many messages. Cold is without index, restart the first SELECT after the server was started again; then others are served before commands are measured once more."""
    def whole(bench, target, run):
        user, other = bench.prepare(target, target.users, bench.sizes.big), bench.prepare(target, target.users - 2, 500)
        commands = lambda *labelled: bench.clients.commands(target, user, "big", labelled)
        target.cold()
        found = commands(("select-cold", "SELECT INBOX"), ("fetch-envelope-cold", ENVELOPES), ("fetch-envelope-warm", ENVELOPES))
        target.restart()
        bench.calm()
        found += commands(("select-restart", "SELECT INBOX"), ("select-open", "SELECT INBOX"))
        bench.clients.commands(target, other, "big", [("select", "SELECT INBOX"), *[("fetch", ENVELOPES)] * 20])
        bench.calm()
        found += commands(("select-warm", "SELECT INBOX"), ("fetch-envelope-warm2", ENVELOPES), ("fetch-flags", "FETCH 1:* (UID FLAGS)"), ("fetch-one", "FETCH 77 (UID FLAGS ENVELOPE)"),
                          ("search-unseen", "UID SEARCH UNSEEN"), ("search-subject-warm", "SEARCH SUBJECT quarterly"), ("search-text1", "UID SEARCH TEXT xyzzyplugh"),
                          ("search-text2", "UID SEARCH TEXT xyzzyplugh"), ("search-body", "UID SEARCH BODY quarterly"), ("store-flags", "STORE 1:* +FLAGS (\\Flagged)"),
                          ("store-flags-silent", "STORE 1:* -FLAGS.SILENT (\\Flagged)"))
        target.cold()
        bench.calm()
        found += commands(("select-cold", "SELECT INBOX"), ("search-subject-cold", "SEARCH SUBJECT quarterly"))
        target.cold()
        bench.calm()
        return found + commands(("select-cold", "SELECT INBOX"), ("fetch-size-cold", "FETCH 1:* (RFC822.SIZE)"))
    yield Step("big", whole)


WORDS = (("subject", "SEARCH SUBJECT quarterly"), ("from", "SEARCH FROM mallory"), ("body-rare", "SEARCH BODY xyzzyplugh"), ("text-rare", "SEARCH TEXT xyzzyplugh"),
         ("body-none", 'SEARCH BODY "quarterly nothing"'))


def search(sizes):
    """Searches of texts, before there is an index of them and when it is complete: when its file has not grown for some seconds."""
    def whole(bench, target, run):
        user = bench.prepare(target, target.users, bench.sizes.big)
        target.cold()
        found = bench.clients.commands(target, user, "search", [("select-cold", "SELECT INBOX"), ("envelopes-cold", "FETCH 1:* (ENVELOPE)"), *((f"read.{label}", text) for label, text in WORDS)])
        home, before = pathlib.Path(target.values["USERDIR"].replace("%d", str(user))), -1
        for _ in range(60):
            bench.clients.commands(target, user, "search", [("select", "SELECT INBOX")])
            size = sum(file.stat().st_size for file in home.glob("search.db*"))
            if size == before:
                break
            before = size
            time.sleep(8)
        bench.calm()
        return found + bench.clients.commands(target, user, "search", [("select-warm", "SELECT INBOX"), *((f"again.{label}", text) for label, text in WORDS)])
    yield Step("search", whole)


def body(sizes):
    def whole(bench, target, run):
        user = bench.prepare(target, target.users - 1, bench.sizes.pop)
        _, again = bench.clients.commands(target, user, "body", [("select", "SELECT INBOX"), ("first", "FETCH 1:* BODY.PEEK[]"), ("fetch-all", "FETCH 1:* BODY.PEEK[]")])[1:]
        return [Measured("body.fetch-all", bench.sizes.pop / again.value, "msg/s", again.cpu * 1000 / bench.sizes.pop)]
    yield Step("body", whole)


def pop3(sizes):
    """Cold is without index, in a process that has sent 21,000 messages of others before."""
    def download(depth):
        def whole(bench, target, run):
            user, other = bench.prepare(target, target.users - 1, bench.sizes.pop), bench.prepare(target, target.users - 2, 500)
            get = lambda user, times: bench.clients.rate("pop3bench", "msg/s", target, None, *bench.clients.login(target, "POP3_PORT"), "-F", user, "-n", times, "-d", depth, "retr")
            target.cold()
            others = lambda depth, times: bench.clients.run("pop3bench", *bench.clients.login(target, "POP3_PORT"), "-F", other, "-n", times, "-d", depth, "retr")
            others(50, 40)
            others(depth, 2)
            bench.calm()
            return [Measured(f"pop3.retr-cold.depth{depth}", *unit(get(user, 1), "msg/s")), Measured(f"pop3.retr-warm.depth{depth}", *unit(get(user, 1), "msg/s"))]
        return whole
    for depth in (1, 50):
        yield Step(f"pop3.retr.depth{depth}", download(depth))


def pop3_login(sizes):
    for sessions in sizes.connections:
        case = f"pop3.login-stat.c{sessions}"
        yield Step(case, lambda bench, target, run, case=case, sessions=sessions: [Measured(case, *unit(bench.clients.rate(
            "pop3bench", "/s", target, bench.sizes.logins, *bench.clients.login(target, "POP3_PORT"), "-U", 100, "-n", bench.sizes.logins, "-c", sessions, "login"), "/s"))])


def pop3big(sizes):
    """Login and STAT on a maildrop of very many messages."""
    def whole(bench, target, run):
        user, other = bench.prepare(target, target.users, bench.sizes.big), bench.prepare(target, target.users - 2, 500)

        def sessions(label, times):
            bench.calm()
            rate, cpu = bench.clients.rate("pop3bench", "/s", target, times, *bench.clients.login(target, "POP3_PORT"), "-F", user, "-n", times, "login")
            return Measured(f"pop3.login-stat-big.{label}", 1000 / rate, "ms", cpu / 1000, "s each")
        warm = lambda: bench.clients.run("pop3bench", *bench.clients.login(target, "POP3_PORT"), "-F", other, "-n", 4, "retr")
        target.cold()
        warm()
        found = [sessions("first", 1)]
        target.restart()
        warm()
        return [*found, sessions("restart", 1), sessions("again", 10)]
    yield Step("pop3big", whole)


def idle(sizes):
    """Memory of connections in IDLE, and the processor time they take while nothing happens; idle-tls through TLS where the target has such a port."""
    def sessions(case, count, port, *arguments):
        def whole(bench, target, run):
            if run > 1 or port not in target.values or (count not in bench.sizes.idle and target.name != "fullstack"):
                return []
            return idle_sessions(bench, target, case, count, port, *arguments)
        return whole
    for count in sorted({*sizes.idle, *sizes.idle_here}):
        yield Step(f"idle.{count}", sessions(f"idle.{count}", count, "IMAP_PORT"))
        yield Step(f"idle-tls.{count}", sessions(f"idle-tls.{count}", count, "IMAPS_PORT", "-S"))


def idle_sessions(bench, target, case, count, port, *arguments, users=None, rest=100):
    """Sessions idle for half an hour; what matters is what they hold then."""
    seconds = 10
    time.sleep(rest)
    before = target.pss()
    command = [f"{bench.clients.binaries}/imapbench", *bench.clients.login(target, port), *arguments, "-U", users or target.users, "-n", count, "-H", rest + 2 * bench.sizes.limit, "idle"]
    with subprocess.Popen(["timeout", str(rest + 2 * bench.sizes.limit), *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL) as client:
        said = client.stdout.readline()
        if not said.startswith("idle connections"):
            raise Failed(said.strip() or "no connection came about")
        time.sleep(rest)
        spent = target.cpu()
        time.sleep(seconds)
        spent = target.cpu() - spent
        total = target.pss()
        client.terminate()
    time.sleep(5)
    return [Measured(f"{case}.total-pss", total, "MiB"), Measured(f"{case}.per-conn", (total - before) * 1024 / count, "KiB"),
            Measured(f"{case}.cpu-a-minute", spent * 60 / seconds, "s")]


def notify(sizes):
    def whole(bench, target, run):
        said = bench.clients.run("imapbench", *bench.clients.login(target), "-F", target.take_users(), "-n", 40, "notify")
        return [Measured("idle-notify-p50", float(re.search(r"sent\) p50 ([0-9.]+)", said).group(1)), "ms")]
    yield Step("notify", whole)


def start(sizes):
    """From the start of the program until it greets, and its memory five seconds later."""
    def whole(bench, target, run):
        took = target.restart()
        time.sleep(5)
        return [Measured("start.greeting", took, "s"), Measured("start.memory", target.pss(), "MiB")]
    yield Step("start", whole)


def memory(sizes):
    """The most memory under load, looked at each half second; rates are not taken here, for looking costs time."""
    def most(target, work):
        found, ended = [target.pss()], threading.Event()

        def look():
            while not ended.wait(0.5):
                found.append(target.pss())
        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            work()
        finally:
            ended.set()
            watcher.join()
        return max(found)

    def mail_in(bench, target, run):
        if "SMTP_PORT" not in target.values:
            return []
        return [Measured("memory.smtp.4k.c50", most(target, lambda: bench.clients.delivery(target, target.values["SMTP_PORT"], 2 * bench.sizes.messages, "-s", 4096, "-c", 50, "-m", 100)), "MiB")]

    def mailboxes(bench, target, run):
        return [Measured("memory.mixed.c20", most(target, lambda: mix(bench, target, bench.sizes.mixed)), "MiB")] if "IMAP_PORT" in target.values else []
    yield Step("memory.smtp", mail_in)
    yield Step("memory.mixed", mailboxes)


def syncs(sizes):
    """What a server syncs for each message, counted by strace: its durability as it is, not as it is said."""
    def whole(bench, target, run):
        if run > 1 or not shutil.which("strace"):
            return []
        log = bench.folder / f"{target.name}.syncs"
        port = "SMTP_PORT" if "SMTP_PORT" in target.values else "LMTP_PORT"
        pids = [pid for one in (target, *target.others) for pid in one.group.pids()]
        with subprocess.Popen(["strace", "-f", "-qq", "-y", "-e", "trace=fsync,fdatasync,sync_file_range,syncfs,sync", "-o", str(log), *(word for pid in pids for word in ("-p", str(pid)))],
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tracer:
            try:
                time.sleep(2)
                bench.clients.delivery(target, target.values[port], 50, "-s", 4096, "-c", 1, "-m", 1, *(["-L"] if port == "LMTP_PORT" else []))
            finally:
                tracer.terminate()
        calls = re.findall(r"\b(?:fsync|fdatasync|syncfs)\(\d+<([^>]*)>", log.read_text())
        folders = sum(pathlib.Path(path).is_dir() for path in calls)
        return [Measured("syncs.files", (len(calls) - folders) / 50, "syncs"), Measured("syncs.folders", folders / 50, "syncs")]
    yield Step("syncs", whole)


SUITES = {suite.name: suite for suite in (
    Suite("smtp", "smtp", "From the first connection until all messages are files in ten Maildirs, which had one before: 4 and 64 KiB, by so many sessions (`c`), with so many messages in each connection (`m`). "
          "`disk` is as many threads that write, sync, rename and sync the directory, and do nothing else. Each server has taken in some thousands before (`BEFORE`).", delivery("smtp", "SMTP_PORT"), with_disk=True, warm=warm_delivery("SMTP_PORT")),
    Suite("lmtp", "lmtp", "The same by LMTP.", delivery("lmtp", "LMTP_PORT", "-L"), warm=warm_delivery("LMTP_PORT", "-L")),
    Suite("login", "imap", "Connect, LOGIN, SELECT (`login+select`), LOGOUT. Each server has served some thousands before (`BEFORE`).", login, warm=warm_login("imapbench", "IMAP_PORT")),
    Suite("append", "imap", "APPEND by one session and by ten, to mailboxes of their own that have a message, after others appended some thousands (`BEFORE`).", append, warm=warm_append),
    Suite("mixed", "imap", "Twenty sessions on ten mailboxes: LOGIN, LIST, STATUS, SELECT, FETCH, STORE, EXPUNGE, APPEND, LOGOUT as imaptest mixes them.", mixed),
    Suite("big", "imap", "One mailbox of very many messages, one command at a time: `cold` without index, `restart` the first after the server was started again, `warm` from a new session, "
          "after another session fetched 10,000 envelopes.", big),
    Suite("search", "imap", "Searches of texts: `read` before there is an index of them, `again` when there is, where the server makes one.", search),
    Suite("body", "imap", "FETCH 1:* BODY.PEEK[], the second time.", body),
    Suite("pop3", "pop3", "RETR of a whole maildrop one by one and pipelined: `cold` without index, `warm` with it. By a server that has sent 21,000 messages of another maildrop since it was started.", pop3),
    Suite("pop3-login", "pop3", "USER, PASS, STAT, QUIT. Each server has served some thousands before (`BEFORE`).", pop3_login, warm=warm_login("pop3bench", "POP3_PORT")),
    Suite("pop3big", "pop3", "Login and STAT on a maildrop of very many messages: the first of all, the first after a restart, and more.", pop3big),
    Suite("notify", "imap", "APPEND in one session until EXISTS reaches another that idles.", notify),
    Suite("idle", "imap", "Connections in IDLE: memory (PSS), and processor seconds in a minute in which nothing happens. Looked at when nothing has happened for so long that accounts of former suites, and what sessions needed to begin, are closed again.", idle),
    Suite("start", "any", "From the start of the program until its first greeting, and memory (PSS) five seconds later.", start),
    Suite("memory", "any", "The most memory (PSS) under load.", memory),
    Suite("syncs", "mail", "Calls of fsync and fdatasync for each message of 4 KiB, counted by strace: of files, and of directories.", syncs),
)}
