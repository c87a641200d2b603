"""What was measured, kept line by line as it comes, so that a run can go on where it was cut off."""
import dataclasses
import json
import pathlib
import statistics

LESS_IS_BETTER = {"s", "ms", "KiB", "MiB", "s each", "s/1000"}
NO_CONTEST = "syncs"


@dataclasses.dataclass(frozen=True)
class Measured:
    case: str
    value: float
    unit: str
    cpu: float | None = None  # processor seconds of the server
    per: str = "s/1000"  # of a thousand operations, or of each


class Records:
    """Lines of JSON in a file: values, steps that are done, and facts about the run."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.values, self.done, self.facts, self.failures = {}, set(), {}, []
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                if line.endswith("}"):  # the last one may have been cut off
                    self._take(json.loads(line))

    def _take(self, row):
        if "case" in row:
            self.values.setdefault(row["case"], {}).setdefault(row["target"], []).append(row)
        elif "done" in row:
            self.done.add(row["done"])
        elif "fact" in row:
            self.facts[row["fact"]] = row["is"]
        elif "failed" in row:
            self.failures.append(row)

    def write(self, **row):
        with open(self.path, "a") as file:
            file.write(json.dumps(row) + "\n")
        self._take(row)

    def add(self, target, run, measured, suite):
        self.write(suite=suite, target=target, run=run, **dataclasses.asdict(measured))

    def median(self, case, target, field="value"):
        found = [row[field] for row in self.values.get(case, {}).get(target, []) if row[field] is not None]
        return statistics.median(found) if found else None

    def unit(self, case, field="unit"):
        return next(row[field] for rows in self.values[case].values() for row in rows)

    def ratio(self, case, peer, field="value", ours="fullstack"):
        """How many times better this server does; None where one of both is not known."""
        here, there = self.median(case, ours, field), self.median(case, peer, field)
        unit = self.unit(case, "unit" if field == "value" else "per")
        if not here or not there or unit == NO_CONTEST:
            return None
        return there / here if unit in LESS_IS_BETTER else here / there
