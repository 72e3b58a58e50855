# SPDX-License-Identifier: ISC
"""From results to a table and plots."""

import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys


def median(values):
    return statistics.median(values) if values else 0


def spread(values):
    """The middle half of the values, as text; nothing for one value."""
    if len(values) < 3:
        return ""
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return f" ({low:.2f}-{high:.2f})"


def progress(title, results):
    print(title, file=sys.stderr)
    for name, metrics in results.items():
        print(f"  {name:32} {median(metrics['cpu_us']):7.2f} us CPU, ratio "
              f"{median(metrics['ratio_cpu_us']):.3f}"
              f"{spread(metrics['ratio_cpu_us'])}, "
              f"{median(metrics['rate']):9.0f}/s, "
              f"p50 {median(metrics['p50']) / 1e3:.1f} us ratio "
              f"{median(metrics['ratio_p50']):.3f}, "
              f"busy {median(metrics['busy']):.2f}", file=sys.stderr)


def progress_points(title, results):
    print(title, file=sys.stderr)
    for point, servers in results.items():
        if isinstance(servers, dict):
            for name, metrics in servers.items():
                print(f"  {point:>6} {name:32} {metrics['rate']:9.0f}/s, p50 "
                      f"{metrics['p50'] / 1e3:.1f} us, p99 "
                      f"{metrics['p99'] / 1e3:.1f} us", file=sys.stderr)


def machine(options, server_core, load_core):
    model = "unknown CPU"
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
    return {
        "date": datetime.date.today().isoformat(),
        "kernel": platform.release(), "cpu": model,
        "cores": f"server on core {server_core}, load on core {load_core}"
                 + (" (the same!)" if server_core == load_core else ""),
        "rounds": options.pairs, "seconds": options.seconds,
    }


# The table.

def table(header, rows):
    lines = ["| " + " | ".join(header) + " |",
             "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def with_spread(values, digits=2):
    return f"{median(values):.{digits}f}{spread(values)}"


def row(name, metrics):
    return [
        name,
        f"{median(metrics['cpu_us']):.2f} ({median(metrics['user_us']):.2f} +"
        f" {median(metrics['system_us']):.2f})",
        with_spread(metrics["ratio_cpu_us"]),
        f"{median(metrics['rate']):,.0f}",
        with_spread(metrics["ratio_rate"]),
        *(f"{median(metrics[key]) / 1e3:.1f}"
          for key in ("p50", "p99", "p999")),
        with_spread(metrics["ratio_p50"]),
        f"{median(metrics['peak_mib']):.1f}",
    ]


HEADER = ["server", "CPU us a reply (user + system)", "ratio", "replies/s",
          "ratio", "p50 us", "p99 us", "p99.9 us", "ratio of p50",
          "peak MiB"]


def section(title, results):
    return (f"\n### {title}\n\n" +
            table(HEADER, [row(*item) for item in results.items()]))


def points(title, name, results):
    """A part that has one table for each value of something."""
    rows = [[str(point)] + row(server, metrics)
            for point, servers in results.items()
            for server, metrics in servers.items()]
    return f"\n### {title}\n\n" + table([name] + HEADER, rows)


def markdown(results):
    about = results["machine"]
    text = (f"{about['date']}, Linux {about['kernel']}, {about['cpu']}; "
            f"{about['cores']}; medians of {about['rounds']} rounds of "
            f"{about['seconds']} s; in brackets the middle half of the "
            "rounds; ratios are to recvmmsg/sendmmsg in the same round.\n")
    if "limit" in results:
        text += section("16 flows, window 8, 64 bytes, 3 addresses of both "
                        "families", results["limit"])
    for title, part in results.get("services", {}).items():
        text += section(f"Services besides echo: 16 flows, window 8, {title}; "
                        "ratios are to echo", part)
    if "pingpong" in results:
        text += section("Ping-pong: 1 flow, window 1", results["pingpong"])
    for title, part in results.get("repair", {}).items():
        text += section(f"Repaired by mhrun: {title}; ratios are to without",
                        part)
    for flows, part in results.get("peers", {}).items():
        text += section(f"What users would pick: {flows} flows, window 1, "
                        "1 address", part)
    if "source" in results:
        text += "\n### Asked on 127.0.0.2\n\n" + table(
            ["server", "answers", "from another address"],
            [[name, str(part["replies"]), str(part["wrong"])]
             for name, part in results["source"].items()])
    if "own_clients" in results:
        text += "\n### Under their own clients\n\n" + table(
            ["server", "replies", "CPU us a reply", "p50 us"],
            [[name, f"{median(part['replies']):,.0f}",
              with_spread(part["cpu_us"]), with_spread(part["p50_us"])]
             for name, part in results["own_clients"].items()])
    for title, part in results.get("bursts", {}).items():
        text += section("Bursts, sent by the load as one, received as one or "
                        f"not: {title}; ratios are to without", part)
    if "workers" in results:
        text += section("Workers: 64 flows, window 8, server and load share "
                        "the cores", results["workers"])
    for part, name in (("flows", "flows"), ("addresses", "local addresses"),
                       ("sizes", "bytes"), ("rules", "access rules"),
                       ("rate_table", "sources with a rate limit")):
        if results.get(part):
            text += points("Growth: " + name, name, results[part])
    if "open_loop" in results:
        text += open_loop(results["open_loop"])
    if "overload" in results:
        text += overload(results["overload"])
    for title, part in results.get("before", {}).items():
        text += section(f"Another build and this one: {title}; ratios are to "
                        "the other", part)
    if "counts" in results:
        text += "\n### What a reply takes\n\n" + table(
            ["server", "system calls", "user instructions",
             "ping-pong: user instructions"],
            [[name, ", ".join(f"{call} {count:.3f}" for call, count
                              in sorted(part["system_calls"].items())),
              f"{part['instructions']:.0f}",
              f"{part['instructions_alone']:.1f}"]
             for name, part in results["counts"].items()])
    return text


def overload(results):
    """Each figure is of a pair of runs, one at its best and one too many."""
    def ratios(name):
        return with_spread([one / peak for one, peak
                            in zip(results[name], results["peak"])])
    memory = results["resident_kib"]
    return ("\n### Overload, on a core with five busy loops\n\n" + table(
        ["replies/s at best", "sent", "answered", "memory KiB",
         "seconds to end on SIGTERM"],
        [[f"{median(results['peak']):,.0f}", ratios("sent") + " of that",
          ratios("rate") + " of that", f"{min(memory)} to {max(memory)}",
          f"{results['seconds_to_end']:.2f}"]]))


def open_loop(results):
    rows = [[f"{share} %", name, f"{part['sent'] / part['seconds']:,.0f}",
             f"{part['rate']:,.0f}",
             *(f"{part[key] / 1e3:.1f}" for key in ("p50", "p99", "p999")),
             f"{part['peak_mib']:.1f}"]
            for share, servers in results.items() if isinstance(servers, dict)
            for name, part in servers.items()]
    return ("\n### Open loop, in % of what the limit can answer\n\n" + table(
        ["load", "server", "sent/s", "replies/s", "p50 us", "p99 us",
         "p99.9 us", "peak MiB"], rows))


# Plots.

def write_data(path, lines):
    with open(path + ".dat", "w", encoding="ascii") as file:
        file.writelines("\t".join(map(str, line)) + "\n" for line in lines)


def plot(path, title, commands):
    for terminal, ending in (("svg size 800,500", "svg"),
                             ("pngcairo size 800,500", "png")):
        script = (f"set terminal {terminal} noenhanced\n"
                  f"set output '{path}.{ending}'\nset title '{title}'\n"
                  "set key top left\nset grid ytics\nset yrange [0:*]\n"
                  + commands)
        subprocess.run(["gnuplot"], input=script, text=True, check=True)


def plot_bars(path, title, results):
    write_data(path, [[f'"{name}"', median(metrics["user_us"]),
                       median(metrics["system_us"])]
                      for name, metrics in results.items()])
    plot(path, title,
         "set style data histograms\nset style histogram rowstacked\n"
         "set style fill solid 0.7\nset boxwidth 0.6\n"
         "set xtics rotate by -20\nset ylabel 'CPU us a reply'\n"
         f"plot '{path}.dat' using 2:xtic(1) title 'user', "
         "'' using 3 title 'system'\n")


def plot_growth(path, title, results, metric, label, log=True):
    servers = list(next(iter(results.values())))
    write_data(path, [[point, *(median(part[name][metric])
                                for name in servers)]
                      for point, part in results.items()])
    lines = ", ".join(
        f"'{path}.dat' using 1:{i + 2} with linespoints title '{name}'"
        for i, name in enumerate(servers))
    plot(path, title, ("set logscale x 4\n" if log else "")
         + f"set ylabel '{label}'\nplot {lines}\n")


def plot_latency(path, results):
    shares = {share: part for share, part in results.items()
              if isinstance(part, dict) and int(share) <= 100}
    servers = list(next(iter(shares.values())))
    write_data(path, [[share, *(part[name][key] / 1e3 for name in servers
                                for key in ("p50", "p99"))]
                      for share, part in shares.items()])
    lines = ", ".join(
        f"'{path}.dat' using 1:{2 * i + j + 2} with linespoints title "
        f"'{name} {key}'" for i, name in enumerate(servers)
        for j, key in enumerate(("p50", "p99")))
    plot(path, "Latency over load", "set logscale y\nset yrange [*:*]\n"
         "set xlabel 'load in % of the limit'\nset ylabel 'RTT us'\n"
         f"plot {lines}\n")


def plots(results, out):
    if not shutil.which("gnuplot"):
        print("no gnuplot here, so no plots", file=sys.stderr)
        return
    for part, title in (("limit", "CPU of a reply: 16 flows, window 8"),
                        ("pingpong", "CPU of a reply: ping-pong"),
                        ("workers", "CPU of a reply: workers")):
        if results.get(part):
            plot_bars(os.path.join(out, "cpu-" + part), title, results[part])
    for part, label in (("flows", "flows"), ("addresses", "local addresses"),
                        ("sizes", "bytes"), ("rules", "access rules")):
        if results.get(part):
            plot_growth(os.path.join(out, part), "Over " + label,
                        results[part], "cpu_us", "CPU us a reply",
                        log=part != "sizes")
    if results.get("open_loop"):
        plot_latency(os.path.join(out, "latency"), results["open_loop"])


def write(results, out):
    """Everything into files; returns the exit code."""
    with open(os.path.join(out, "results.json"), "w",
              encoding="ascii") as file:
        json.dump(results, file, indent=1)
    text = markdown(results)
    with open(os.path.join(out, "table.md"), "w", encoding="utf-8") as file:
        file.write(text)
    plots(results, out)
    print(text)
    services = results.get("services", {})
    wrong = sum(sum(metrics["wrong_source"]) + sum(metrics["wrong_payload"])
                for part in (results.get("limit", {}),
                             results.get("pingpong", {}), *services.values())
                for name, metrics in part.items()
                if name.startswith("multihomed"))
    for title, part in services.items():
        for name, metrics in part.items():
            if sum(metrics["lost"]):
                print(f"{name}: {sum(metrics['lost'])} {title} without an "
                      "answer: its ratio is not to be trusted",
                      file=sys.stderr)
    if wrong:
        print(f"{wrong} wrong answers of multihomed", file=sys.stderr)
    return 1 if wrong else 0


def soak(samples, totals):
    """Say whether anything grew or was wrong; returns the exit code."""
    sent = sum(sample["sent"] for sample in samples)
    counted = sum(totals[name] for name in (
        "answered", "silent", "dropped", "kernel-drops"))
    settled = samples[min(1, len(samples) - 1)]
    last = samples[-1]
    grown = last["resident_kib"] - settled["resident_kib"]
    wrong = sum(sample["wrong"] for sample in samples)
    print(f"{len(samples)} runs: memory grew by {grown} KiB, descriptors by "
          f"{last['files'] - settled['files']}, {wrong} wrong answers, "
          f"{sum(sample['lost'] for sample in samples)} lost; "
          f"{sent} sent, {totals['answered']} answered, "
          f"{counted - totals['answered']} counted otherwise")
    return 1 if grown > 256 or wrong or sent != counted \
        or last["files"] > settled["files"] else 0
