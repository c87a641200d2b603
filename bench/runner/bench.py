"""A run: servers that are up, steps that are done on each in turn, and what came of them."""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

from . import machine
from .clients import HERE, Clients, Failed
from .processes import control_groups
from .records import Measured, Records
from .targets import PEERS, Target, Unavailable

DISK_SECONDS = 2


def publish(folder):
    """The server, compiled ahead as a package is: else the first of everything after a start is the compiler's time. Lock files in the tree stay as they are."""
    given = os.environ.get("FULLSTACK")
    if given and pathlib.Path(given, "fullstack.dll").exists():
        return given
    place = str(pathlib.Path(folder, "server"))
    if not pathlib.Path(place, "fullstack.dll").exists():
        subprocess.run(["dotnet", "publish", str(HERE.parent / "src" / "Server"), "-c", "Release", "--use-current-runtime", "--self-contained", "false", "-p:PublishReadyToRun=true",
                        "-p:NuGetLockFilePath=obj/ahead.lock.json", "-o", place, "--nologo", "-v", "q"], check=True, stdin=subprocess.DEVNULL)
    return place


class Bench:
    def __init__(self, folder, sizes, peers_folder, base):
        self.folder, self.sizes, self.base = pathlib.Path(folder), sizes, base
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        self.records = Records(self.folder / "measured.jsonl")
        self.clients = Clients(str(self.folder / "clients"), sizes.limit)
        self.peers = pathlib.Path(peers_folder)
        self.targets, self.disturbed = [], 0
        self.shared = {"peers": peers_folder, "server": publish(folder)}

    # Servers

    def start(self, names):
        servers, absent = {}, {}
        for peer in PEERS:
            if peer.name not in names:
                continue
            target = Target(peer, self.folder / "servers", self.base, self.sizes.users, self.shared)
            self.targets.append(target)
            try:
                self.install(peer)
                say(f"starting {peer.name}")
                target.start()
                servers[peer.name] = [target.version(), peer.settings, peer.durability]
            except (Unavailable, OSError, subprocess.SubprocessError) as trouble:
                say(f"{peer.name} does not take part: {trouble}")
                absent[peer.name] = str(trouble)
                target.stop()
                self.targets.remove(target)
        for target in self.targets:
            if target.name == "postfix+dovecot":
                target.others = [other for other in self.targets if other.name == "dovecot"]
        absent = {name: why for name, why in {**self.records.facts.get("absent", {}), **absent}.items() if name not in servers}
        self.records.write(fact="servers", **{"is": {**self.records.facts.get("servers", {}), **servers}})
        self.records.write(fact="absent", **{"is": absent})
        self.records.write(fact="counting", **{"is": "control groups (cgroup v2): all processes of a server, also those that ended" if control_groups() else
                                               "/proc: the server's process, those below it, and those of them that ended and were waited for"})

    def install(self, peer):
        if peer.program and not (shutil.which(peer.program) or pathlib.Path("/usr/sbin", peer.program).exists()):
            raise Unavailable(f"{peer.program} is missing" + (f" (apt-get install {peer.packages})" if peer.packages else ""))
        if not peer.root:
            return
        place = self.peers / peer.root
        script = {"next-hops": [HERE.parent / "tests" / "Interop" / "next-hops.sh"], "courier": [HERE / "peers" / "courier.sh", "install-mta"]}[place.parent.name]
        place.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([*map(str, script), str(place.parent)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)
        if done.returncode:
            raise Unavailable(f"{script[0].name} ended with {done.returncode}: {' '.join((done.stdout + done.stderr).split()[-30:])}")
        if os.stat(place).st_dev != os.stat(self.folder).st_dev:
            raise Unavailable(f"{place} is not on the disk that is measured (BENCH_PEERS)")

    def stop(self):
        for target in reversed(self.targets):
            target.stop()

    # Measuring

    def calm(self):
        if not machine.wait_until_quiet(self.sizes.quiet):
            self.disturbed += 1

    def prepare(self, target, user, count):
        """That user's INBOX holds so many messages; his number."""
        home = pathlib.Path(target.values["USERDIR"].replace("%d", str(user)))
        current = home / "Maildir" / "cur"
        if current.is_dir() and len(os.listdir(current)) == count:
            return user
        kind = "maildirsw" if os.environ.get("NAMES", "sizes") == "sizes" else "maildir"
        source = self.folder / f"{kind}{count}"
        if not source.exists():
            subprocess.run([str(HERE / "mkmail.py"), kind, f"{source}.part", str(count)], check=True, stderr=subprocess.DEVNULL)
            os.rename(f"{source}.part", source)
        subprocess.run(["rm", "-rf", str(home / "Maildir")], check=True)
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", str(source), str(home / "Maildir")], check=True)
        subprocess.run(["chown", "-R", target.values["OWNER"], str(home)], check=True)
        os.sync()
        return user

    def disk(self, size, threads):
        """Files a second, written, synced, renamed, and their directory synced."""
        place = self.folder / "disk"
        subprocess.run(["rm", "-rf", str(place)], check=True)
        place.mkdir()
        try:
            said = self.clients.run("fsyncrate", place, threads, DISK_SECONDS, size * 1024, 2)
        finally:
            subprocess.run(["rm", "-rf", str(place)], check=True)
        return float(said.split(":")[1].split()[0])

    def disk_limits(self):
        if "disk" not in self.records.facts:
            rates = {threads: [statistics.median(self.disk(size, threads) for _ in range(3)) for size in self.sizes.sizes] for threads in (1, 10, 50)}
            self.records.write(fact="disk", **{"is": {"sizes": self.sizes.sizes, "rates": rates}})

    def suite(self, suite, only):
        wanted = {"any": ("smtp", "lmtp", "imap", "pop3"), "mail": ("smtp", "lmtp")}.get(suite.protocol, (suite.protocol,))
        targets = [target for target in self.targets if any(target.fits(protocol, suite.name) for protocol in wanted)]
        steps = [step for step in suite.steps(self.sizes) if only.search(step.name)]
        for target in targets if suite.warm and steps else []:
            try:
                suite.warm(self, target)
            except Failed as trouble:
                say(f"{suite.name}: warming {target.name} up failed: {trouble}")
        for run in range(1, self.sizes.runs + 1):
            for step in steps:
                for target in targets:
                    self.step(suite, step, target, run)
                if suite.with_disk:
                    self.disk_step(suite, step, run)

    def step(self, suite, step, target, run):
        key = f"{suite.name} {step.name} {target.name} {run}"
        if key in self.records.done:
            return
        self.calm()
        try:
            for measured in step.measure(self, target, run):
                self.keep(suite.name, target.name, run, measured)
            self.records.write(done=key)
        except (Failed, Unavailable, OSError, subprocess.SubprocessError, ValueError, IndexError, AttributeError) as trouble:
            say(f"{key} failed: {trouble}")
            self.records.write(step=key, failed=str(trouble)[:400])
            self.revive(target)

    def disk_step(self, suite, step, run):
        key = f"{suite.name} {step.name} disk {run}"
        if key not in self.records.done:
            size, sessions = step.name.split(".")[1:3]
            self.keep(suite.name, "disk", run, Measured(step.name, self.disk(int(size[:-1]), int(sessions[1:])), "msg/s"))
            self.records.write(done=key)

    def keep(self, suite, target, run, measured):
        self.records.add(target, run, measured, suite)
        cpu = "" if measured.cpu is None else f"  cpu {measured.cpu:.3f} {measured.per}"
        say(f"{measured.case:32} {target:20} {run} {measured.value:12.4g} {measured.unit}{cpu}")

    def revive(self, target):
        """After a failure the target has to greet again before others are measured."""
        try:
            target.restart()
        except (Unavailable, OSError, subprocess.SubprocessError) as trouble:
            say(f"{target.name} takes part no longer: {trouble}")
            self.records.write(fact="absent", **{"is": {**self.records.facts.get("absent", {}), target.name: f"since it failed: {trouble}"}})
            target.stop()
            self.targets.remove(target)

    def relay(self, only):
        """bench/relay has servers of its own, with a next hop."""
        for count in self.sizes.relay:
            key = f"relay {count}"
            if key in self.records.done or not only.search(f"relay.{count}"):
                continue
            self.calm()
            subprocess.run(["rm", "-rf", str(self.folder / "relay")], check=True)
            (self.folder / "relay").mkdir()
            done = subprocess.run([str(HERE / "relay"), "-r", str(self.sizes.runs), str(count)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=self.sizes.limit * 20,
                                  env={**os.environ, "BENCH_DIR": str(self.folder / "relay"), "FULLSTACK": self.shared["server"]})
            if done.returncode:
                say(f"{key} failed: {done.stderr[-400:]}")
                self.records.write(step=key, failed=" ".join(done.stderr.split()[-40:]))
                continue
            self.take_relay(done.stdout)
            self.records.write(done=key)

    def take_relay(self, said):
        rows = [line.split() for line in said.splitlines() if line.startswith("relay.") and line.count(" ") == 3]
        cpu = {}
        for case, target, value, _ in rows:
            if case.endswith("-cpu"):
                cpu.setdefault((case[:-4], target), []).append(float(value))
        for case, target, value, unit in rows:
            if not case.endswith("-cpu") and target != "machine":
                spent = cpu.get((case, target))
                self.keep("relay", target, 0, Measured(case, float(value), unit, spent.pop(0) if spent else None))


def say(text):
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)
