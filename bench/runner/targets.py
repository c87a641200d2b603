"""This server and its peers: how each is started, what it is asked to do, and what it promises."""
import dataclasses
import os
import pathlib
import shutil
import socket
import subprocess
import time

from .processes import ProcessGroup

HERE = pathlib.Path(__file__).resolve().parent.parent
SCRIPT_SECONDS = 900  # making a peer's Debian takes minutes


@dataclasses.dataclass(frozen=True)
class Peer:
    """What a target is, before it is started."""

    name: str
    script: str
    offset: int  # of its first port
    serves: str  # "smtp lmtp imap pop3"
    settings: str  # in words, for the report
    durability: str  # in words, for the report
    root: str = ""  # the folder below the peers' one that holds its system
    environment: tuple = ()
    packages: str = ""
    program: str = ""  # what has to be installed
    ports: int = 1
    only: str = ""  # the suites that it takes part in; empty: all that it can


POSTFIX_QUEUE = "250 after the queue file is synced"
PEERS = [
    Peer("fullstack", "fullstack.sh", 0, "smtp lmtp imap pop3", "as it is by default; passwords in the clear",
         "250 after the message's file and its directory are synced; APPEND the same", ports=5),
    Peer("postfix", "postfix.sh", 40, "smtp", "virtual(8) writes the Maildirs; 300 sessions allowed",
         POSTFIX_QUEUE + "; then the Maildir file is", packages="postfix", program="postfix"),
    Peer("postfix+dovecot", "postfix.sh", 41, "smtp", "hands mail to Dovecot by LMTP; 300 sessions allowed",
         POSTFIX_QUEUE + "; then as Dovecot", packages="postfix", program="postfix"),
    Peer("exim", "exim.sh", 42, "smtp", "delivers each message at once, 1,000 sessions allowed; else by default; clients do not wait for the answer to QUIT, which it holds back for 200 ms",
         "250 after the spool files are synced; then the Maildir file is", root="next-hops/root"),
    Peer("opensmtpd", "opensmtpd.sh", 43, "smtp", "as it is by default", "250 after the queue file is synced; then the Maildir file is", root="next-hops/root"),
    Peer("courier", "courier-target.sh", 50, "smtp imap pop3", "1,000 sessions and 50 deliveries at once allowed; passwords MD5-crypted", "see the counted syncs", root="courier/root", ports=3),
    Peer("dovecot", "dovecot.sh", 10, "lmtp imap pop3", "as it is by default; more processes allowed; passwords in the clear",
         "mail_fsync = optimized: the Maildir file and its directory are synced before LMTP's 250 and APPEND's OK", packages="dovecot-imapd dovecot-pop3d dovecot-lmtpd",
         program="dovecot", ports=3),
    Peer("dovecot-fast", "dovecot.sh", 20, "imap pop3", "login processes serve many logins, the documented high-performance mode", "as Dovecot", environment=(("PERF", "1"),),
         program="dovecot", ports=3, only="login pop3-login"),
    Peer("dovecot-hibernating", "dovecot.sh", 30, "imap", "idle sessions are put to sleep after 2 s", "as Dovecot", environment=(("HIBERNATE", "2"),), program="dovecot",
         ports=3, only="idle"),
]


class Unavailable(Exception):
    """A peer that cannot take part, and why."""


class Target:
    """A server that is up, on its own ports and below its own folder."""

    def __init__(self, peer, folder, base, users, shared):
        self.peer, self.name = peer, peer.name
        self.folder = pathlib.Path(folder, peer.name)
        self.port, self.users = base + peer.offset, users
        self.others = []  # targets that work for this one
        self.next_user = 1
        self.values = {}
        self.environment = {**os.environ, **dict(peer.environment), "TARGET_NAME": peer.name}
        if peer.root:
            self.environment["ROOT"] = str(pathlib.Path(shared["peers"], peer.root))
        if peer.name == "fullstack":
            self.environment["FULLSTACK"] = shared["server"]
        if peer.name == "postfix+dovecot":
            dovecot = pathlib.Path(folder, "dovecot")
            self.environment |= {"TRANSPORT": f"lmtp:inet:127.0.0.1:{base + 12}", "MAILROOT": f"{dovecot}/mail"}
        self.group = ProcessGroup(peer.name, self._roots)

    def _roots(self):
        try:
            return [int(pathlib.Path(self.values["PIDFILE"]).read_text())]
        except (KeyError, OSError, ValueError):
            return []

    def script(self, action, *more, check=True):
        log = self.folder.parent / f"{self.name}.{action}.log"
        with open(log, "w") as out:
            done = self.group.run([str(HERE / "peers" / self.peer.script), action, str(self.folder), *map(str, more)], env=self.environment, stdout=out,
                                  stderr=subprocess.STDOUT, timeout=SCRIPT_SECONDS)
        if check and done.returncode:
            raise Unavailable(f"{self.peer.script} {action} ended with {done.returncode}: {' '.join(log.read_text().split()[-40:])}")
        return log.read_text()

    def start(self):
        for port in range(self.port, self.port + self.peer.ports):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    raise Unavailable(f"something else listens at port {port} (BENCH_PORT)")
        shutil.rmtree(self.folder, ignore_errors=True)  # what a run that was cut off left there
        self.folder.mkdir(parents=True)
        self.script("start", self.port, self.users)
        listing = subprocess.run(["bash", "-c", 'set -a; . "$0"; exec env -0', str(self.folder / "target.env")], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
        self.values = dict(line.split("=", 1) for line in listing.stdout.split("\0") if "=" in line)
        self.wait()

    def wait(self):
        for kind in ("SMTP", "LMTP", "IMAP", "POP3"):
            if f"{kind}_PORT" in self.values:
                self.greeting(int(self.values[f"{kind}_PORT"]))

    def greeting(self, port, seconds=30):
        """Seconds until something at that port greets."""
        begun = time.monotonic()
        while time.monotonic() < begun + seconds:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
                    if peer.recv(4):
                        return time.monotonic() - begun
            except OSError:
                pass
            time.sleep(0.002)
        raise Unavailable(f"nothing greets at port {port}")

    def restart(self):
        """Stops it and starts it again; seconds from the start until the first greeting."""
        self.script("stop")
        begun = time.monotonic()
        self.script("launch")
        first = self.values.get("SMTP_PORT") or self.values["IMAP_PORT"]
        self.greeting(int(first))
        took = time.monotonic() - begun
        self.wait()
        return took

    def cold(self):
        """Forgets all indexes and caches."""
        if self.values.get("COLD"):
            self.group.run(["sh", "-c", self.values["COLD"]], env=self.environment, check=True, stdout=subprocess.DEVNULL, timeout=SCRIPT_SECONDS)
            self.wait()

    def stop(self):
        try:
            if self.folder.exists():
                self.script("stop", check=False)
        except (OSError, subprocess.TimeoutExpired) as trouble:
            print(f"bench: {self.name}: {trouble}")
        finally:
            self.group.end()

    def version(self):
        return self.script("version", check=False).strip().split("\n")[-1] or "unknown"

    def cpu(self):
        return self.group.cpu() + sum(other.group.cpu() for other in self.others)

    def pss(self):
        return self.group.pss() + sum(other.group.pss() for other in self.others)

    def take_users(self, count=10):
        """Users that got no mail yet, as long as there are any; the last five hundredths are for prepared mailboxes."""
        first = self.next_user
        self.next_user = first + count if first + 2 * count <= self.users * 19 // 20 else 1
        return first

    def fits(self, protocol, suite):
        return protocol in self.peer.serves.split() and (not self.peer.only or suite in self.peer.only.split())
