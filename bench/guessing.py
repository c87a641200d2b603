#!/usr/bin/env python3
"""Guesses one account's password by IMAP from one network, while its owner logs in from another, over loopback.

guessing.py PORT TRIES SESSIONS DELAY: u1's password is guessed TRIES times by SESSIONS at once from 127.0.0.1, u1 logs in rightly from
127.0.0.2, first alone and then meanwhile. DELAY is the server's auth.failure_delay and auth.max_failure_delay, in seconds. Prints what
became of the guesses and what the owner waited; ends with 1 where they went faster than the delay allows, one was let in, or the owner
waited 50 ms more in the median.
"""
import os
import queue
import socket
import statistics
import sys
import threading
import time

port, tries, sessions, delay = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
MOST_MORE = 0.050
PAUSE = 0.05


def login(source, passwords):
    """Logs in with one password after the other on one connection, until one is right or the server ends it; yields the answers."""
    with socket.create_connection(("127.0.0.1", port), source_address=(source, 0), timeout=60) as connection:
        stream = connection.makefile("rb")
        if not stream.readline().startswith(b"* OK"):
            return
        for password in passwords:
            connection.sendall(f"a LOGIN u1 {password}\r\n".encode())
            answer = stream.readline()
            while answer.startswith(b"* ") and not answer.startswith(b"* BYE"):
                answer = stream.readline()
            if not answer.startswith(b"a "):
                passwords.put_back(password)
                return
            yield answer.decode().rstrip()


class Guesses:
    """Each guess once, to whoever asks next."""

    def __init__(self):
        self.waiting = queue.SimpleQueue()
        for number in range(tries):
            self.waiting.put(f"guess{number}")

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self.waiting.get_nowait()
        except queue.Empty:
            raise StopIteration from None

    def put_back(self, password):
        self.waiting.put(password)


def guess(guesses, answers):
    while not guesses.waiting.empty():
        try:
            for answer in login("127.0.0.1", guesses):
                answers.append(answer)
        except OSError:
            time.sleep(PAUSE)


def owner_waits():
    begun = time.perf_counter()
    answers = list(login("127.0.0.2", iter(["pass"])))
    took = time.perf_counter() - begun
    assert len(answers) == 1 and answers[0].startswith("a OK"), answers
    return took


def tell(name, waits):
    ordered = sorted(waits)
    print(f"{name:16} median {statistics.median(ordered) * 1000:.1f} ms, 99 of 100 under {ordered[int(len(ordered) * 0.99)] * 1000:.1f} ms, of {len(ordered)}")


for _ in range(20):
    owner_waits()
alone, meanwhile = [], []
for _ in range(200):
    alone.append(owner_waits())
    time.sleep(PAUSE)
guesses, answers = Guesses(), []
threads = [threading.Thread(target=guess, args=(guesses, answers)) for _ in range(sessions)]
begun = time.monotonic()
for thread in threads:
    thread.start()
while any(thread.is_alive() for thread in threads):
    meanwhile.append(owner_waits())
    time.sleep(PAUSE)
took = time.monotonic() - begun
checked = sum("[AUTHENTICATIONFAILED]" in answer for answer in answers)
later = sum("[UNAVAILABLE]" in answer for answer in answers)
let_in = sum(answer.startswith("a OK") for answer in answers)
# Before the first has failed, as many are checked at once as there are cores.
allowed = os.cpu_count() + 1 + took / delay
print(f"{tries} guesses by {sessions} at once in {took:.1f} s: {checked} checked ({checked / took:.1f}/s, allowed {1 / delay:.1f}/s), {later} told to come later")
tell("owner alone", alone)
tell("owner meanwhile", meanwhile)
more = statistics.median(meanwhile) - statistics.median(alone)
print(f"the owner waited {more * 1000:.1f} ms more")
sys.exit(0 if checked <= allowed and let_in == 0 and more < MOST_MORE else 1)
