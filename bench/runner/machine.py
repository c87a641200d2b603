"""The machine that a run is on."""
import os
import pathlib
import platform
import subprocess
import time


def busy():
    """What part of a second, of all processors together, was used."""
    def look():
        with open("/proc/stat") as stat:
            fields = list(map(int, stat.readline().split()[1:9]))
        return fields[3] + fields[4], sum(fields)

    idle, total = look()
    time.sleep(1)
    idle_after, total_after = look()
    return 1 - (idle_after - idle) / max(1, total_after - total)


def wait_until_quiet(tries):
    """Waits until others leave the processors alone, at most so many seconds."""
    for _ in range(tries):
        if busy() <= 0.12:
            return True
    return False


def description(folder):
    """Rows for the report."""
    def first(path, key):
        return next((line.split(":", 1)[1].strip() for line in pathlib.Path(path).read_text().splitlines() if line.startswith(key)), "unknown")

    mount = subprocess.run(["findmnt", "-no", "SOURCE,FSTYPE,OPTIONS", "-T", folder], capture_output=True, text=True).stdout.split()
    device = os.path.basename(mount[0]) if mount else ""
    disk = []
    for name in ("queue/rotational", "queue/write_cache", "queue/scheduler"):
        try:
            disk.append(f"{name.split('/')[1]} {pathlib.Path('/sys/class/block', device, name).read_text().strip()}")
        except OSError:
            continue
    try:
        system = next(line.split("=", 1)[1].strip('"') for line in pathlib.Path("/etc/os-release").read_text().splitlines() if line.startswith("PRETTY_NAME"))
    except (OSError, StopIteration):
        system = "unknown"
    return {
        "processors": f"{os.cpu_count()} of {first('/proc/cpuinfo', 'model name')}",
        "memory": f"{int(first('/proc/meminfo', 'MemTotal').split()[0]) / 1048576:.0f} GiB",
        "system": f"{system}, Linux {platform.release()}",
        "file system": f"{mount[1]} ({mount[2]})" if len(mount) > 2 else "unknown",
        "disk": f"{device}: {', '.join(disk)}" if device else "unknown",
    }


def load():
    return " ".join(pathlib.Path("/proc/loadavg").read_text().split()[:3])
