# SPDX-License-Identifier: ISC
"""A row of the table: what was done, what came of it, and the verdict."""

import datetime
import os
import platform
import re

# A p99 of this many times that of the calm is called slow, but for what other
# work on the machine explains; and what may be, where it must not be slow.
SLOWER = 3
SLOW_MS = 1.0
LATE_MS = 20.0
# Where others compete for the processor, that is, but nothing may wait.
BUSY_MS = 100.0
LEAST = 500  # answers; of fewer, p99 is little but the worst

# What a daemon counts that nobody attacks.
ORDINARY = ("received", "answered", "silent", "bytes-in", "bytes-out",
            "self-probes")

HEADER = ["attack", "settings", "s", "attackers sent", "honest sent",
          "answered", "lost", "calm p50/p99/worst ms",
          "attacked p50/p99/worst ms", "verdict", "counters and figures"]


class Times:
    """Round-trip times in ms."""

    def __init__(self, nanoseconds):
        self.values = sorted(one / 1e6 for one in nanoseconds)

    def at(self, share):
        if not self.values:
            return float("inf")
        return self.values[min(len(self.values) - 1,
                               int(len(self.values) * share))]

    def text(self):
        if not self.values:
            return "-"
        return "/".join(f"{self.at(share):.2f}" for share in (.5, .99, 1))


class Row:
    """One attack with one setting."""

    def __init__(self, attack, settings):
        self.attack = attack
        self.settings = settings
        self.seconds = 0.0
        self.attackers = None
        self.calm = self.under = None
        self.is_lossy = False
        self.failures, self.late, self.slow = [], [], []
        self.counters = {}
        self.figures = []

    def file_name(self):
        return re.sub("[^a-z0-9]+", "-",
                      f"{self.attack} {self.settings}".lower()).strip("-")

    def fail(self, why):
        self.failures.append(why)

    def expect(self, condition, why):
        if not condition:
            self.fail(why)

    def in_time(self, seconds, limit, what):
        """Other work on the machine may be why not: judged in three runs."""
        if seconds is None or seconds > limit:
            self.late.append(f"{what} after " + (
                "all" if seconds is None else f"{seconds:.2f} s")
                + f", not {limit:g} s")

    def figure(self, text):
        self.figures.append(text)

    def count(self, totals):
        self.counters = {name: value for name, value in totals.items()
                         if value > 0 and name not in ORDINARY}

    # How the honest ones fared: results of peers.honest().

    def judge(self, calm, under, share=0.99, late_ms=BUSY_MS):
        """At least this share is answered, each from the right address.

        From late_ms on, p99 is no more than SLOWER times that of the calm.
        """
        self.calm, self.under = calm, under
        answered = len(under["times"])
        for result in (calm, under):
            self.expect(result["wrong"] == 0, "answers from wrong addresses")
        self.expect(len(calm["times"]) >= share * calm["sent"],
                    "lost before the attack: " + lost(calm))
        self.is_lossy = answered == 0 or answered < share * under["sent"]
        before = Times(calm["times"]).at(.99)
        after = Times(under["times"]).at(.99)
        if answered >= LEAST and after > max(late_ms, SLOWER * before):
            self.late.append(f"p99 is {after:.1f} ms, {before:.1f} in the calm")
        elif after > max(SLOW_MS, SLOWER * before):
            self.slow.append(f"p99 is {after / before:.1f} x calm")

    def judge_losses(self):
        """Once the daemon has ended, and it is known what it never got.

        Its receive buffer is full if it is late, like all that is late.
        """
        if not self.is_lossy:
            return
        missing = self.under["sent"] - len(self.under["times"])
        of_buffer = missing <= self.counters.get("kernel-drops", 0)
        (self.late if of_buffer else self.failures).append(
            "lost: " + lost(self.under))

    def judge_worst(self, limit_ms):
        """No answer takes longer."""
        worst = Times(self.under["times"]).at(1)
        self.in_time(worst / 1e3, limit_ms / 1e3, "the worst answer")

    def judge_pages(self, watched, page="/healthz"):
        """It was there whenever it was asked for, within a second."""
        bad = {status: count for status, count in watched["statuses"].items()
               if status != "200"}
        self.expect(not bad, f"{page}: {bad}")
        self.in_time(watched["worst"], 1, page)
        self.figure(f"{page} 200 {watched['statuses'].get('200', 0)} times, "
                    f"worst {watched['worst'] * 1e3:.1f} ms")

    # The table.

    def is_failed(self):
        return bool(self.failures or self.late)

    def verdict(self):
        if self.is_failed():
            return "FAIL: " + "; ".join(self.failures + self.late)
        return "ok, slow: " + "; ".join(self.slow) if self.slow else "ok"

    def cells(self):
        honest = ["-"] * 5
        if self.under:
            answered = len(self.under["times"])
            honest = [str(self.under["sent"]), str(answered),
                      str(self.under["sent"] - answered),
                      Times(self.calm["times"]).text(),
                      Times(self.under["times"]).text()]
        counters = [f"{name}={value}"
                    for name, value in self.counters.items()]
        return [self.attack, self.settings, f"{self.seconds:.1f}",
                "-" if self.attackers is None else str(self.attackers),
                *honest, self.verdict(),
                ", ".join(self.figures + counters) or "-"]


def lost(result):
    return f"{result['sent'] - len(result['times'])} of {result['sent']} " \
        + ", ".join(f"{count} of {source}"
                    for source, count in result["lost"].items())


def machine():
    return (f"{datetime.date.today().isoformat()}, Linux "
            f"{platform.release()}, {os.cpu_count()} processors, as "
            + ("root" if os.geteuid() == 0 and
               not os.environ.get("MH_ATTACK_MAPPED") else "a user") + "\n\n")


def line(cells):
    return "| " + " | ".join(cells) + " |\n"


def table_begin():
    return line(HEADER) + line(["---"] * len(HEADER))


TOTALS = ["attack", "attackers sent", "honest sent", "answered", "lost",
          "calm p50/p99/worst ms", "attacked p50/p99/worst ms", "ok"]


def totals(attack, rows):
    """One line for all rows of an attack."""
    asked = [row for row in rows if row.under]
    sent = sum(row.under["sent"] for row in asked)
    times = {part: Times([one for row in asked
                          for one in getattr(row, part)["times"]])
             for part in ("calm", "under")}
    answered = len(times["under"].values)
    honest = [str(sent), str(answered), str(sent - answered)] if asked \
        else ["-"] * 3
    return line([attack, str(sum(row.attackers or 0 for row in rows)),
                 *honest, times["calm"].text(), times["under"].text(),
                 f"{sum(not row.is_failed() for row in rows)} of {len(rows)}"])


def summary(rows):
    text = "\n" + line(TOTALS) + line(["---"] * len(TOTALS))
    for attack in dict.fromkeys(row.attack for row in rows):
        text += totals(attack, [row for row in rows if row.attack == attack])
    failed = sum(row.is_failed() for row in rows)
    slow = sum(bool(row.slow) for row in rows)
    return text + (f"\n{len(rows) - failed} passed, {slow} of {len(rows)} "
                   f"slow, {failed} failed\n")
