#!/usr/bin/env python3
"""As much of systemd as a service sees: sockets that outlive it, NOTIFY_SOCKET, WATCHDOG_USEC.

fake-systemd.py NAME[:NAME...] WATCHDOG_USEC COMMAND...

Each NAME becomes a listening socket on loopback, passed under that name. Reads commands from standard input (restart, reload, stop) and tells on
standard output what happens: "port NAME NUMBER", "notify VARIABLE=VALUE", "exit CODE".
"""
import fcntl
import os
import signal
import socket
import sys
import threading

FIRST = 3
lock = threading.Lock()


def say(*words):
    with lock:
        print(*words, flush=True)


names, watchdog, command = sys.argv[1], sys.argv[2], sys.argv[3:]
sockets = []
for name in names.split(":"):
    one = socket.socket()
    one.bind(("127.0.0.1", 0))
    one.listen(128)
    sockets.append(one)
    say("port", name, one.getsockname()[1])

address = f"fullstack-fake-systemd-{os.getpid()}"
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind("\0" + address)


def hear():
    while True:
        for line in notify.recv(65536).decode().splitlines():
            say("notify", line)


def start():
    # Above all descriptors that the child gets, so that none is overwritten before it is copied.
    high = [fcntl.fcntl(one.fileno(), fcntl.F_DUPFD, 100) for one in sockets]
    child = os.fork()
    if child == 0:
        for i, descriptor in enumerate(high):
            os.dup2(descriptor, FIRST + i)
        os.closerange(FIRST + len(high), 1024)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(2, 1)
        os.environ.update(LISTEN_FDS=str(len(high)), LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES=names, NOTIFY_SOCKET="@" + address)
        if watchdog != "0":
            os.environ.update(WATCHDOG_USEC=watchdog, WATCHDOG_PID=str(os.getpid()))
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as systemd does: whoever runs the tests may have been told to ignore it (nohup)
        os.execvp(command[0], command)
    for descriptor in high:
        os.close(descriptor)
    return child


def stop(child):
    os.kill(child, signal.SIGTERM)
    say("exit", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


threading.Thread(target=hear, daemon=True).start()
child = start()
for line in sys.stdin:
    if line.strip() == "reload":
        os.kill(child, signal.SIGHUP)
    elif line.strip() == "restart":
        stop(child)
        child = start()
    elif line.strip() == "stop":
        stop(child)
        sys.exit(0)
stop(child)  # the test is gone
