"""The load generators, and what they said."""
import pathlib
import re
import subprocess

from . import records

HERE = pathlib.Path(__file__).resolve().parent.parent


class Failed(Exception):
    """A case that a server did not come through, and how it showed."""


class Clients:
    def __init__(self, binaries, limit):
        self.binaries, self.limit = binaries, limit
        subprocess.run(["make", "-s", "-C", str(HERE / "src"), f"OUT={binaries}"], check=True)

    def run(self, program, *arguments):
        try:
            done = subprocess.run([f"{self.binaries}/{program}", *map(str, arguments)], capture_output=True, text=True, timeout=self.limit, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            raise Failed(f"not done in {self.limit} s") from None
        if done.returncode:
            raise Failed(" ".join((done.stdout + done.stderr).split()[:60]))
        return done.stdout

    def rate(self, program, unit, target, operations, *arguments):
        """A value of that unit from what a program says at its end, and the server's processor seconds for a thousand operations (or, given None, for a thousand of
        what was counted)."""
        before = target.cpu()
        said = self.run(program, *arguments)
        spent = target.cpu() - before
        value = float(re.findall(rf"([0-9.]+) ?{re.escape(unit)}", said)[-1])
        if operations is None:
            operations = int(re.search(r"(?:commands|retr) (\d+)", said).group(1))
        return value, spent * 1000 / operations

    def delivery(self, target, port, messages, *arguments):
        """To ten accounts that got a message each before: what the first one costs, folders and an index, is no part of the rate."""
        fixed = ["-p", port, "-r", target.values["RCPT_TMPL"], "-u", 10, "-F", target.take_users(), "-w", target.values["MAILDIR"], "-W", self.limit // 2,
                 *target.values.get("SMTP_ARGS", "").split(), *arguments]
        self.run("smtpload", *fixed, "-n", 10, "-c", 1, "-m", 10)
        return self.rate("smtpload", "msg/s", target, messages, *fixed, "-n", messages)

    @staticmethod
    def login(target, port="IMAP_PORT"):
        return ["-p", target.values[port], "-u", target.values["LOGIN_TMPL"], "-P", target.values["PASS"]]

    def commands(self, target, user, case, labelled):
        """IMAP commands of one session, one after the other: seconds of each, and the server's processor seconds for it (not for a thousand)."""
        found = []
        command = [f"{self.binaries}/imapbench", *self.login(target), "-F", str(user), "-w", "cmds", *(text for _, text in labelled)]
        with subprocess.Popen(["timeout", str(self.limit * 3), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            for label, _ in labelled:
                before = target.cpu()
                try:
                    client.stdin.write("\n")
                    client.stdin.flush()
                except BrokenPipeError:
                    raise Failed(f"{label}: the client ended") from None
                line = client.stdout.readline()
                took = re.search(r" ([0-9.]+)s ", line)
                if not took:
                    raise Failed(f"{label}: {line.strip() or 'no answer'}")
                if not line.rstrip().endswith("OK"):
                    print(f"bench: {target.name}: {line.strip()}")
                found.append(records.Measured(f"{case}.{label}", float(took.group(1)), "s", target.cpu() - before, "s each"))
            client.stdin.close()
        return found
