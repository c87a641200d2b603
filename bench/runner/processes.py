"""The processes of one server: how much processor time and memory they take, and that all of them end."""
import os
import pathlib
import signal
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


def control_groups():
    """Where cgroup v2 is mounted and groups may be made, or None."""
    with open("/proc/mounts") as mounts:
        for line in mounts:
            _, place, kind = line.split()[:3]
            if kind == "cgroup2" and os.access(place, os.W_OK):
                probe = pathlib.Path(place, f"fullstack-bench-{os.getpid()}")
                try:
                    probe.mkdir()
                    counts = (probe / "cpu.stat").exists()
                    probe.rmdir()
                except OSError:
                    continue
                if counts:
                    return place
    return None


class ProcessGroup:
    """All processes of a server, with those that ended. Where the kernel allows it they are in a control group of their own, whose processor time counts
    children that nobody waited for too; else they are the tree below the processes that `roots` finds, with what its members waited for."""

    def __init__(self, name, roots):
        self.name, self.roots = name, roots
        place = control_groups()
        self.group = pathlib.Path(place, f"fullstack-bench-{os.getpid()}-{name}") if place else None
        if self.group:
            self.group.mkdir()

    def run(self, command, **options):
        """Runs a command to its end; what it leaves running belongs to the group."""
        if self.group:
            command = ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self.group / "cgroup.procs"), *command]
        return subprocess.run(command, stdin=subprocess.DEVNULL, **options)

    def pids(self):
        if self.group:
            return [int(line) for line in (self.group / "cgroup.procs").read_text().split()]
        parents = {pid: fields[1] for pid, fields in self._table().items()}
        found = [root for root in self.roots() if root in parents]
        for pid in found:
            found += [child for child, parent in parents.items() if int(parent) == pid]
        return found

    def cpu(self):
        """Processor seconds, in user mode and in the kernel."""
        if self.group:
            return int((self.group / "cpu.stat").read_text().split()[1]) / 1e6
        table = self._table()
        return sum(sum(map(int, table[pid][11:15])) for pid in self.pids() if pid in table) / TICKS

    def pss(self):
        """Memory in MiB, pages that several processes share counted once."""
        total = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/smaps_rollup") as rollup:
                    total += next((int(line.split()[1]) for line in rollup if line.startswith("Pss:")), 0)
            except OSError:
                continue  # has just ended
        return total / 1024

    def end(self):
        """Ends what is left of the group, and nothing else."""
        for signals in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.pids():
                try:
                    os.kill(pid, signals)
                except ProcessLookupError:
                    pass
            until = time.monotonic() + 5
            while self.pids() and time.monotonic() < until:
                time.sleep(0.1)
        if self.group:
            try:
                self.group.rmdir()
            except OSError as trouble:
                print(f"bench: {self.group} is left: {trouble}")

    @staticmethod
    def _table():
        table = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat") as stat:
                    table[int(pid)] = stat.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
        return table
