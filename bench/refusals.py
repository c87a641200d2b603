#!/usr/bin/env python3
"""How long a refused IMAP login takes: of users that there are, with a wrong password, and of users that there are not.

refusals.py PORT USERS TRIES: users u1 to uUSERS exist. Every password and every unknown name is tried once, in turn with the other
kind, four to a connection. Prints both medians and the ratio.
"""
import socket
import statistics
import sys
import time

port, users, tries = (int(argument) for argument in sys.argv[1:4])
times = {"wrong password": [], "no such user": []}
for begin in range(0, tries, 2):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        stream = connection.makefile("rb")
        stream.readline()
        for number in range(begin, min(begin + 2, tries)):
            # Which of the two comes first alternates, so that neither has the colder caches.
            kinds = [("wrong password", f"u{number % users + 1}"), ("no such user", f"x{number}")]
            for kind, user in kinds if number % 2 else reversed(kinds):
                start = time.perf_counter()
                connection.sendall(f"a LOGIN {user} wrong{number}{kind[0]}\r\n".encode())
                answer = stream.readline()
                times[kind].append(time.perf_counter() - start)
                assert answer.startswith(b"a NO [AUTHENTICATIONFAILED]"), answer
medians = {kind: statistics.median(values) * 1000 for kind, values in times.items()}
for kind, values in times.items():
    print(f"{kind:15} median {medians[kind]:.3f} ms, of {len(values)}")
print("ratio {:.3f}".format(medians["no such user"] / medians["wrong password"]))
