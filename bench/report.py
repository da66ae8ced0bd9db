"""From runs to what people read: ratios pair by pair, verdicts, the table, the plot and the page in docs.

A result is what `compare` keeps as JSON: scenarios by name, each with the runs of every broker, round by round.
"""

import html
import math
import statistics

PAGE_FROM, PAGE_TO = "<!-- measured: written by bench/compare report -->", "<!-- end of what was measured -->"
NAMES = {"holdfast": "Holdfast", "rabbitmq": "RabbitMQ", "nats": "NATS", "artemis": "Artemis"}
COLOURS = {"holdfast": "#1565c0", "rabbitmq": "#c62828", "artemis": "#2e7d32", "nats": "#ef6c00"}


def counted(runs):
    """The runs that were not disturbed; all of them where each was."""
    there = [run for run in runs if run]
    return [run for run in there if not run["disturbed"]] or there


def median(runs, key):
    values = [run[key] for run in counted(runs) if run.get(key) is not None]
    return statistics.median(values) if values else None


def pair_ratios(ours, theirs, key):
    """Ours by theirs, round by round, and whether those rounds were undisturbed."""
    pairs = [(a, b) for a, b in zip(ours, theirs) if a and b and a.get(key) and b.get(key)]
    clean = [(a, b) for a, b in pairs if not a["disturbed"] and not b["disturbed"]]
    return [a[key] / b[key] for a, b in clean or pairs], bool(clean)


def judged(scenario, runs):
    """Every goal of a scenario: the median, its spread, the bound, and whether it is met."""
    ours, found = runs.get("holdfast", []), []
    for goal in scenario.goals:
        if goal.ratio:
            values, clean = pair_ratios(ours, runs.get(scenario.peer, []), goal.key)
        else:
            values = [run[goal.key] for run in counted(ours) if run.get(goal.key) is not None]
            clean = any(run and not run["disturbed"] for run in ours)
        if values:
            value = statistics.median(values)
            met = value >= goal.bound if goal.at_least else value <= goal.bound
            found.append({
                "what": goal.what, "key": goal.key, "ratio": goal.ratio, "bound": goal.bound, "at_least": goal.at_least,
                "value": value, "low": min(values), "high": max(values), "rounds": len(values), "met": met,
                "undisturbed": clean,
            })
    return found


def number(value, digits=3):
    """Short, for people: three figures that count."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}"


def verdict_words(verdict):
    unit = "x" if verdict["ratio"] else ""
    sign = ">=" if verdict["at_least"] else "<="
    spread = f" ({number(verdict['low'])}-{number(verdict['high'])})" if verdict["rounds"] > 1 else ""
    word = "met" if verdict["met"] else "MISSED"
    mark = "" if verdict["undisturbed"] else " ! of disturbed runs"
    return f"{verdict['what']} {number(verdict['value'])}{unit}{spread}, wanted {sign} {number(verdict['bound'])}{unit}: {word}{mark}"


COLUMNS = (
    ("rate/s", "rate"), ("CPU us/msg", "cpu_us"), ("confirm p50", "confirm_p50_us"), ("p99", "confirm_p99_us"),
    ("p99.9", "confirm_p999_us"), ("deliver p50", "delivery_p50_us"), ("p99", "delivery_p99_us"), ("RSS MiB", "rss_mib"),
    ("cores", "broker_cores"), ("load's", "load_cores"), ("foreign", "foreign_cores"),
)


def print_table(result, scenarios):
    print(f"\n{'scenario':<20}{'broker':<10}{'runs':>5}" + "".join(f"{title:>12}" for title, _key in COLUMNS) + "   (latencies in us)")
    for name, scenario in scenarios.items():
        kept = result["scenarios"].get(name)
        if not kept:
            continue
        for broker, runs in kept["runs"].items():
            there = [run for run in runs if run]
            if there:
                marks = "!" * sum(run["disturbed"] for run in there)
                cells = "".join(f"{number(median(runs, key)):>12}" for _t, key in COLUMNS)
                print(f"{name:<20}{broker:<10}{str(len(there)) + marks:>5}{cells}{shown(scenario, runs)}")
        for line in ratio_lines(scenario, kept["runs"]):
            print(f"{'':<20}{line}")
        for verdict in kept["verdicts"]:
            print(f"{'':<20}goal: {verdict_words(verdict)}")


def shown(scenario, runs):
    words = [form.format(median(runs, key)) for key, form in scenario.shown if median(runs, key) is not None]
    return ("   " + ", ".join(words)) if words else ""


def ratio_lines(scenario, runs):
    if not runs.get("holdfast") or not runs.get(scenario.peer):
        return
    cells = []
    for title, key in (("rate", "rate"), ("CPU a message", "cpu_us"), ("confirm p50", "confirm_p50_us"),
                       ("confirm p99", "confirm_p99_us"), ("RSS", "rss_mib")):
        ratios, _clean = pair_ratios(runs["holdfast"], runs[scenario.peer], key)
        if ratios:
            spread = f" ({number(min(ratios))}-{number(max(ratios))})" if len(ratios) > 1 else ""
            cells.append(f"{title} {number(statistics.median(ratios))}x{spread}")
    if cells:
        yield f"ours by {NAMES[scenario.peer]}'s, pair by pair: " + ", ".join(cells)


def one_line(name, broker, turn, run, scenario):
    said = [f"{number(run['rate'])}/s"] if run.get("rate") else []
    if run.get("cpu_us"):
        said.append(f"{number(run['cpu_us'])} us CPU a message")
    if run.get("confirm_p50_us"):
        said.append(f"confirm p50 {number(run['confirm_p50_us'])} p99 {number(run.get('confirm_p99_us'))} us")
    said += [form.format(run[key]) for key, form in scenario.shown if run.get(key) is not None]
    said.append(f"RSS {run['rss_mib']:.0f} MiB, foreign {run['foreign_cores']:.2f} cores")
    print(f"{name} {turn} {broker}: {', '.join(said)}{' ! disturbed' if run['disturbed'] else ''}", flush=True)
    for remark in run.get("remarks", [])[:5]:
        print("    the load said:", remark)


def page(result, scenarios):
    """The measured part of docs/performance.md."""
    lines = [PAGE_FROM, ""]
    machine = result.get("machine", {})
    lines += [f"{machine.get('cores')} cores ({machine.get('cpu')}), {machine.get('memory_gib')} GiB, data on {machine.get('file_system')}.", ""]
    lines += ["| scenario | what | Holdfast | beside it | ratio (lowest-highest of the rounds) | goal |", "|---|---|---|---|---|---|"]
    for name, scenario in scenarios.items():
        kept = result["scenarios"].get(name)
        if kept:
            lines.append(page_row(name, scenario, kept))
    lines += ["", "Brokers and their settings, as their processes showed them:", ""]
    for broker, settings in sorted(all_settings(result).items()):
        lines.append(f"- **{NAMES[broker]}**: `{settings}`")
    if result.get("sweep"):
        lines += ["", "![Messages a second against the time until a confirm, for each broker](performance.svg)"]
    lines += ["", PAGE_TO]
    return "\n".join(lines)


def all_settings(result):
    found = {}
    for kept in result["scenarios"].values():
        found |= {broker: said for broker, said in kept["settings"].items() if not kept.get("java_options") or broker not in found}
    return found


def page_row(name, scenario, kept):
    runs = kept["runs"]
    ours, theirs = runs.get("holdfast", []), runs.get(scenario.peer, []) if scenario.peer else []
    ratios, clean = pair_ratios(ours, theirs, "start_seconds" if median(ours, "start_seconds") else "rate")
    ratio = "-"
    if ratios:
        spread = f" ({number(min(ratios))}-{number(max(ratios))})" if len(ratios) > 1 else ""
        ratio = f"**{number(statistics.median(ratios))}x**{spread}" + ("" if clean else " !")
    goals = "; ".join(page_goal(verdict) for verdict in kept["verdicts"]) or "none"
    beside = f"{NAMES[scenario.peer]}: {page_cell(scenario, theirs)}" if theirs else "-"
    when = f"{kept['at'][:10]}, {kept['rounds']} x {kept['seconds']} s" + (", QUICK: not to be quoted" if kept["quick"] else "")
    return f"| `{name}` | {scenario.title} ({when}) | {page_cell(scenario, ours)} | {beside} | {ratio} | {goals} |"


def page_cell(scenario, runs):
    words = [form.format(median(runs, key)) for key, form in scenario.shown if median(runs, key) is not None]
    if median(runs, "rate") and not any(key == "few_us" for key, _form in scenario.shown):
        words += [f"{number(median(runs, 'rate'))}/s", f"{number(median(runs, 'cpu_us'))} us CPU"]
        if median(runs, "confirm_p50_us"):
            words.append(f"confirm {number(median(runs, 'confirm_p50_us'))} / {number(median(runs, 'confirm_p99_us'))} us")
    return ", ".join(words) or "-"


def page_goal(verdict):
    unit = "x" if verdict["ratio"] else ""
    sign = "at least" if verdict["at_least"] else "at most"
    word = "met" if verdict["met"] else "**missed**"
    return f"{verdict['what']} {sign} {number(verdict['bound'])}{unit}: {number(verdict['value'])}{unit}, {word}"


class Plot:
    """Throughput against latency, both logarithmic: right and down is better."""

    LEFT, TOP, WIDTH, HEIGHT = 90, 70, 640, 400

    def __init__(self, sweep):
        self.curves = {
            broker: [
                (int(n), median(runs, "rate"), median(runs, "confirm_p50_us"), median(runs, "confirm_p99_us"))
                for n, runs in sorted(by_number.items(), key=lambda item: int(item[0])) if median(runs, "confirm_p50_us")
            ]
            for broker, by_number in sweep["runs"].items()
        }
        points = [point for curve in self.curves.values() for point in curve]
        self.x = _decades([point[1] for point in points])
        self.y = _decades([value for point in points for value in point[2:] if value])

    def at(self, rate, latency_us):
        across = (math.log10(rate) - self.x[0]) / (self.x[1] - self.x[0])
        up = (math.log10(latency_us) - self.y[0]) / (self.y[1] - self.y[0])
        return self.LEFT + across * self.WIDTH, self.TOP + self.HEIGHT * (1 - up)

    def svg(self, title):
        out = [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 560" width="1000" height="560" role="img"'
            ' aria-labelledby="title desc" font-family="DejaVu Sans, Verdana, Helvetica, Arial, sans-serif" font-size="13">',
            '  <title id="title">Messages a second against the time until a confirm</title>',
            '  <desc id="desc">One line a broker, one point a number of messages in flight. Solid: the middle confirm. Dashed: the'
            " slowest of a hundred. Right and down is better.</desc>",
            '  <rect x="1" y="1" width="998" height="558" rx="10" fill="#ffffff" stroke="#cfd8dc"/>',
            _text(500, 32, title, size=15, bold=True, fill="#263238"),
            f'  <rect x="{self.LEFT}" y="{self.TOP}" width="{self.WIDTH}" height="{self.HEIGHT}" fill="none" stroke="#90a4ae"/>',
            _text(self.LEFT + self.WIDTH / 2, self.TOP + self.HEIGHT + 44, "messages a second", fill="#37474f"),
            _text(self.LEFT, self.TOP - 12, "time until the confirm", anchor="start", fill="#37474f"),
            _text(self.LEFT + self.WIDTH / 2, 544, "numbers: messages in flight     solid: half are faster     dashed: 99 of 100 are faster", size=12),
        ]
        for power in range(self.x[0], self.x[1] + 1):
            x, _y = self.at(10**power, 10 ** self.y[0])
            out.append(f'  <line x1="{x:.1f}" y1="{self.TOP}" x2="{x:.1f}" y2="{self.TOP + self.HEIGHT}" stroke="#dfe5e8"/>')
            out.append(_text(x, self.TOP + self.HEIGHT + 20, f"{10**power:,}"))
        for power in range(self.y[0], self.y[1] + 1):
            _x, y = self.at(10 ** self.x[0], 10**power)
            out.append(f'  <line x1="{self.LEFT}" y1="{y:.1f}" x2="{self.LEFT + self.WIDTH}" y2="{y:.1f}" stroke="#dfe5e8"/>')
            out.append(_text(self.LEFT - 8, y + 4, _duration(10**power), anchor="end"))
        for place, (broker, curve) in enumerate(self.curves.items()):
            out += self._curve(COLOURS[broker], curve)
            y = self.TOP + 24 + 24 * place
            out.append(f'  <line x1="760" y1="{y}" x2="786" y2="{y}" stroke="{COLOURS[broker]}" stroke-width="2"/>')
            out.append(f'  <circle cx="773" cy="{y}" r="4.5" fill="{COLOURS[broker]}"/>')
            note = " (not synced)" if broker == "nats" else ""
            out.append(_text(796, y + 4, NAMES[broker] + note, anchor="start", fill="#263238"))
        return "\n".join(out) + "\n</svg>\n"

    def _curve(self, colour, curve):
        for index, style in ((2, ""), (3, ' stroke-dasharray="5 4" stroke-opacity="0.7"')):
            points = [self.at(point[1], point[index]) for point in curve if point[index]]
            joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            yield f'  <polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"{style}/>'
        for n, rate, p50, _p99 in curve:
            x, y = self.at(rate, p50)
            yield f'  <circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}" stroke="#ffffff"/>'
            yield _text(x, y + 18, str(n), size=10)


def _text(x, y, words, anchor="middle", size=None, bold=False, fill="#546e7a"):
    more = (f' font-size="{size}"' if size else "") + (' font-weight="bold"' if bold else "")
    return f'  <text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more} fill="{fill}" xml:space="preserve">{html.escape(words)}</text>'


def _decades(values):
    return math.floor(math.log10(min(values))), max(math.ceil(math.log10(max(values))), math.floor(math.log10(min(values))) + 1)


def _duration(us):
    return f"{us:,} us" if us < 1000 else f"{us // 1000:,} ms" if us < 1_000_000 else f"{us // 1_000_000:,} s"
