"""Draws CPU over page size as an SVG, on logarithmic scales."""

from html import escape
from math import log10

# By name and in order: the number of items, the seconds.
Line = list[tuple[int, float]]

WIDTH, HEIGHT = 860, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 320, 20, 50
COLOURS = ("#b04a3a", "#c98a2b", "#7a8b99", "#3f6fb5", "#2f8f5b", "#1d5f3c")
# Labels closer than this would touch.
SPACING = 16


def chart(lines: dict[str, Line]) -> str:
    xs = [items for line in lines.values() for items, _ in line]
    ys = [seconds for line in lines.values() for _, seconds in line]
    decades = range(int(log10(min(ys) * 1e6)), int(log10(max(ys) * 1e6)) + 2)

    def x(items: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * log10(items / min(xs)) / log10(max(xs) / min(xs))

    def y(seconds: float) -> float:
        share = (log10(seconds * 1e6) - decades[0]) / (decades[-1] - decades[0])
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
        "<style>text { font: 12px sans-serif }</style>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
    ]
    for decade in decades:
        at = y(10**decade / 1e6)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{_time(decade)}</text>')
    for items in sorted(set(xs)):
        parts.append(f'<text x="{x(items):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{items:,}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">items in a page, up to 1 MB</text>')
    lowest = float(HEIGHT)
    ranked = sorted(zip(lines.items(), COLOURS, strict=True), key=lambda entry: entry[0][1][-1][1])
    for (name, line), colour in ranked:
        points = " ".join(f"{x(items):.1f},{y(seconds):.1f}" for items, seconds in line)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lowest = min(y(line[-1][1]), lowest - SPACING)
        label = f"{escape(name)}: {line[-1][1] * 1e3:,.0f} ms"
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{lowest + 4:.1f}" fill="{colour}">{label}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _time(decade: int) -> str:
    """A power of ten of microseconds."""
    return f"{10**decade} µs" if decade < 3 else f"{10 ** (decade - 3)} ms" if decade < 6 else f"{10 ** (decade - 6)} s"
