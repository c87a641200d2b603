"""Pictures of growth: log axes, as SVG that is legible on light and dark ground."""
import html
import math

WIDTH, HEIGHT = 920, 460
LEFT, RIGHT, TOP, BOTTOM = 78, 310, 44, 58
COLOURS = ["#2f7fd6", "#e07b20", "#2f9e5b", "#c43fa0", "#8464d8", "#b08900", "#1f9ea8", "#d04a4a"]
STYLE = """svg{--ink:#1f2328;--faint:#d0d7de;--ground:#fff;font:13px system-ui,sans-serif}
@media (prefers-color-scheme:dark){svg{--ink:#e6edf3;--faint:#3d444d;--ground:#0d1117}}
text{fill:var(--ink)}.ground{fill:var(--ground)}.grid{stroke:var(--faint);stroke-width:1}.axis{stroke:var(--ink);stroke-width:1.2}
.line{fill:none;stroke-width:2.2}.slope{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:5 5;opacity:.55}.title{font-size:15px;font-weight:600}"""


def decades(values):
    low, high = math.floor(math.log10(min(values)) + 1e-9), math.ceil(math.log10(max(values)) - 1e-9)
    return low, max(high, low + 1)


def named(exponent):
    """A power of ten as people write it."""
    if exponent >= 6:
        return f"{10 ** (exponent - 6):,}M"
    return f"{10 ** exponent:,}" if exponent >= 0 else f"{10.0 ** exponent:.{-exponent}f}"


def draw(title, across, up, curves):
    """A picture of curves, [(label, [(x, y), …]), …]; across and up name the axes, with units. Points that are not above zero are left out."""
    curves = [(label, [(x, y) for x, y in points if x > 0 and y > 0]) for label, points in curves]
    curves = [(label, points) for label, points in curves if points]
    x_low, x_high = decades([x for _, points in curves for x, _ in points])
    y_low, y_high = decades([y for _, points in curves for _, y in points])
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(x, y):
        return (LEFT + (math.log10(x) - x_low) / (x_high - x_low) * inner_width, TOP + inner_height - (math.log10(y) - y_low) / (y_high - y_low) * inner_height)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title)}">', f"<style>{STYLE}</style>",
           f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>', f'<text class="title" x="{LEFT}" y="24">{html.escape(title)}</text>']
    for exponent in range(x_low, x_high + 1):
        x, bottom = at(10.0 ** exponent, 10.0 ** y_low)
        out += [f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom:.1f}"/>', f'<text x="{x:.1f}" y="{bottom + 18:.1f}" text-anchor="middle">{named(exponent)}</text>']
    for exponent in range(y_low, y_high + 1):
        left, y = at(10.0 ** x_low, 10.0 ** exponent)
        out += [f'<line class="grid" x1="{left:.1f}" y1="{y:.1f}" x2="{LEFT + inner_width}" y2="{y:.1f}"/>', f'<text x="{left - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{named(exponent)}</text>']
    out += [f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{TOP + inner_height}H{LEFT + inner_width}"/>',
            f'<text x="{LEFT + inner_width / 2}" y="{HEIGHT - 14}" text-anchor="middle">{html.escape(across)}</text>',
            f'<text transform="translate(18 {TOP + inner_height / 2}) rotate(-90)" text-anchor="middle">{html.escape(up)}</text>', slope_line(at, (x_low, x_high), (y_low, y_high))]
    for number, (label, points) in enumerate(curves):
        colour, row = COLOURS[number % len(COLOURS)], TOP + 12 + number * 22
        places = [at(x, y) for x, y in sorted(points)]
        out.append(f'<polyline class="line" stroke="{colour}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="{colour}"/>' for x, y in places]
        beside = LEFT + inner_width + 16
        out += [f'<line class="line" stroke="{colour}" x1="{beside}" y1="{row - 4}" x2="{beside + 20}" y2="{row - 4}"/>', f'<text x="{beside + 27}" y="{row}">{html.escape(label)}</text>']
    row = TOP + 12 + len(curves) * 22
    beside = LEFT + inner_width + 16
    out += [f'<line class="slope" x1="{beside}" y1="{row - 4}" x2="{beside + 20}" y2="{row - 4}"/>', f'<text x="{beside + 27}" y="{row}">slope 1: twice for twice as many</text>', "</svg>", ""]
    return "\n".join(out)


def slope_line(at, across, up):
    """Through the middle of the picture, as long as it fits."""
    middle_x, middle_y = sum(across) / 2, sum(up) / 2
    reach = min(across[1] - across[0], up[1] - up[0]) / 2
    (x1, y1), (x2, y2) = at(10 ** (middle_x - reach), 10 ** (middle_y - reach)), at(10 ** (middle_x + reach), 10 ** (middle_y + reach))
    return f'<line class="slope" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
