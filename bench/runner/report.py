"""bench/RESULTS.md, made of what was measured and of the reasons that are kept by hand."""
from . import goals
from .suites import SUITES

ORDER = ["fullstack", "postfix", "postfix+dovecot", "exim", "opensmtpd", "courier", "dovecot", "dovecot-fast", "dovecot-hibernating", "disk"]


def number(value):
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.4f}"


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *("| " + " | ".join(map(str, row)) + " |" for row in rows), ""]


def cell(records, case, target, field="value"):
    """A median, and how many times better this server is."""
    value = records.median(case, target, field)
    if value is None:
        return ""
    ratio = records.ratio(case, target, field) if target != "fullstack" else None
    return number(value) + (f" ({number(ratio)}×)" if ratio else "")


def cases_of(records, suite):
    found = {}
    for case, rows in records.values.items():
        for of in rows.values():
            if of[0].get("suite") == suite:
                found[case] = True
    return list(found)


def suite_tables(records, suite, about):
    cases = cases_of(records, suite)
    if not cases:
        return []
    targets = [name for name in ORDER if any(name in records.values[case] for case in cases)]
    lines = [f"### {suite}", "", about, ""]
    lines += table(["case", "unit", *targets], [[f"`{case}`", records.unit(case), *(cell(records, case, name) for name in targets)] for case in cases])
    counted = [case for case in cases if records.median(case, "fullstack", "cpu") is not None]
    if counted:
        spenders = [name for name in targets if name != "disk"]
        lines += ["Processor seconds, of a thousand operations (`s/1000`) or of each:", ""]
        lines += table(["case", "unit", *spenders], [[f"`{case}`", records.unit(case, "per"), *(cell(records, case, name, "cpu") for name in spenders)] for case in counted])
    return lines


def goal_lines(records, known):
    found = list(goals.outcomes(records, records.values))
    missed = [one for one in found if not one.met]
    lines = ["## Goals", "", f"{len(found) - len(missed)} of {len(found)} are met.", ""]
    lines += table(["goal", "case", "here", "peer", "reached", "wanted", ""], [
        [one.goal.what, f"`{one.case}`", f"{number(one.here)} {one.unit}", f"{one.goal.peer} {number(one.there)}".strip(), number(one.reached) + ("×" if one.goal.peer else ""),
         (f"{one.goal.least}×" if one.goal.peer else f"at most {one.goal.least} {one.unit}"), "met" if one.met else "**missed**"] for one in found])
    if missed:
        lines += ["## Why goals are missed", "", "These texts are kept in `bench/reasons.md`.", ""]
        grouped = {}
        for one in missed:
            grouped.setdefault(goals.reason_of(one.case, known), []).append(one)
        for pattern, of in grouped.items():
            cases = ", ".join(dict.fromkeys(f"`{one.case}` ({number(one.reached)} of {one.goal.least}{' against ' + one.goal.peer if one.goal.peer else ''})" for one in of))
            lines += [f"**{cases}**", "", known[pattern] if pattern else "No reason is written down yet.", ""]
    return lines


def fewer_lines(records):
    """Cases of which this server has fewer runs than the head says: a run may be cut off."""
    fewer = {}
    for case, rows in records.values.items():
        found = len(rows.get("fullstack", []))
        if 0 < found < records.facts.get("runs", 0) and "syncs" not in case:  # which are counted once
            fewer.setdefault(found, []).append(f"`{case}`")
    return [f"Of {found} run{'s' if found > 1 else ''} only: {', '.join(cases)}." for found, cases in sorted(fewer.items())]


def results(records, known):
    facts = records.facts
    lines = ["# Results", "", f"Made by `{facts.get('command', 'bench/run')}` on {facts.get('begun', '')}; written by the program, not by hand (but for the reasons). Medians of "
             f"{facts.get('runs', '?')} runs, in which the servers take turns case by case, everything on one disk with fsync on. In brackets: how many times better this server does than "
             "that one (a rate that is higher, a time or an amount that is lower). Only these ratios mean anything elsewhere. An empty cell: that server does not do this, or did not take part.", ""]
    lines += ["## The machine", ""]
    lines += table(["", ""], [[key, value] for key, value in facts.get("machine", {}).items()] + [
        ["load before and after", f"{facts.get('load before', '?')}; {facts.get('load after', 'not ended')}"], ["processor time is counted by", facts.get("counting", "?")]])
    if disk := facts.get("disk"):
        lines += ["What the disk itself does: files a second, each written, synced and renamed, and its directory synced.", ""]
        lines += table(["threads", *(f"{size} KiB" for size in disk["sizes"])], [[threads, *(number(rate) for rate in rates)] for threads, rates in disk["rates"].items()])
    lines += [line for fewer in fewer_lines(records) for line in (fewer, "")]
    if facts.get("disturbed"):
        lines += [f"The machine was not quiet before {facts['disturbed']} of the measurements.", ""]
    lines += ["## The servers", ""]
    lines += table(["", "version", "settings", "what is durable when"], [[name, *facts["servers"][name]] for name in ORDER if name in facts.get("servers", {})])
    if facts.get("absent"):
        lines += ["Not there:", "", *(f"- {name}: {why}" for name, why in facts["absent"].items()), ""]
    lines += goal_lines(records, known)
    lines += ["## All figures", ""]
    for name, suite in {**SUITES, "relay": None}.items():
        about = suite.about if suite else ("Messages of 4 KiB for elsewhere from twenty sessions while the next host is down (`in`), then all of them handed on to it (`out`); a restart with all of "
                                           "them waiting: seconds until the greeting, memory a second later.")
        lines += suite_tables(records, name, about)
    failures = [row for row in records.failures if row["step"] not in records.done]
    if failures:
        lines += ["## What failed", "", *(f"- {row['step']}: {row['failed']}" for row in failures), ""]
    return "\n".join(lines)
