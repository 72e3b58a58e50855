# SPDX-License-Identifier: ISC
"""Loss over time, as an SVG for documents, light and dark."""

WIDTH, HEIGHT, LEFT, TOP, GAP = 760, 120, 60, 44, 58
BIN = 0.02  # seconds

HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"
 font-family="sans-serif" font-size="12" role="img">
<title>{title}</title>
<style>
text {{ fill: #333 }} .axis {{ stroke: #999 }} .sent {{ fill: #cfd8e3 }}
.lost {{ fill: #c0392b }} .event {{ stroke: #333; stroke-dasharray: 3 3 }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #ddd }} .axis {{ stroke: #777 }} .sent {{ fill: #3b4656 }}
.lost {{ fill: #ff6b5b }} .event {{ stroke: #ddd }}
}}
</style>
<text x="{left}" y="16">Requests in {milliseconds:.0f} ms each:</text>
<path class="sent" d="M240 6h12v12h-12z"/><text x="258" y="16">answered</text>
<path class="lost" d="M330 6h12v12h-12z"/><text x="348" y="16">lost</text>
"""


class Panel:
    """One event: bins of requests around it."""

    def __init__(self, title, traffic, event, before, after):
        self.title, self.before, self.after = title, before, after
        count = round((before + after) / BIN)
        self.sent, self.lost = [0] * count, [0] * count
        start = event - before
        for number, when in enumerate(traffic.sent):
            place = int((when - start) / BIN)
            if when >= start and place < count:
                self.sent[place] += 1
                self.lost[place] += not traffic.answered[number]

    def draw(self, top):
        scale = HEIGHT / max(max(self.sent), 1)
        step = (WIDTH - LEFT - 20) / len(self.sent)
        bottom = top + HEIGHT
        yield f'<text x="{LEFT}" y="{top - 8}">{self.title}</text>'
        for kind, values in (("sent", self.sent), ("lost", self.lost)):
            path = "".join(
                f"M{LEFT + place * step:.1f} {bottom}v{-value * scale:.1f}"
                f"h{step:.2f}v{value * scale:.1f}z"
                for place, value in enumerate(values) if value)
            yield f'<path class="{kind}" d="{path}"/>'
        where = LEFT + self.before / BIN * step
        yield (f'<path class="event" d="M{where:.1f} {top}V{bottom}"/>'
               f'<path class="axis" d="M{LEFT} {bottom}H{WIDTH - 20}"/>'
               f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end">'
               f'{max(self.sent)}</text>'
               f'<text x="{LEFT - 6}" y="{bottom}" text-anchor="end">0</text>')
        second = -self.before
        while second <= self.after + 1e-9:
            place = LEFT + (second + self.before) / BIN * step
            yield (f'<text x="{place:.1f}" y="{bottom + 16}" '
                   f'text-anchor="middle">{second:+.1f} s</text>')
            second += 0.5


def draw(path, panels, title):
    height = TOP + len(panels) * (HEIGHT + GAP)
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD.format(width=WIDTH, height=height, left=LEFT,
                               title=title, milliseconds=BIN * 1000))
        for number, panel in enumerate(panels):
            for line in panel.draw(TOP + number * (HEIGHT + GAP)):
                file.write(line + "\n")
        file.write("</svg>\n")
