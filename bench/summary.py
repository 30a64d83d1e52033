"""One table of what benches measured: summary.py FILE, their output; the lines that measuring.figure and figure.h print are taken.

The ratio is measured to target where at least the target is wanted, target to measured where at most: 1 and more keeps it.
"""
import json
import sys


def number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def row(figure):
    name, measured = f"{figure['bench']}: {figure['figure']}", f"{number(figure['measured'])} {figure['unit']}"
    if figure["target"] is None:
        return name, measured, "", "", ""
    least = figure["limit"] == "least"
    above, below = (figure["measured"], figure["target"]) if least else (figure["target"], figure["measured"])
    return (name, measured, f"{'≥' if least else '≤'} {number(figure['target'])}", f"{above / below:.2f}" if below else "∞",
            "kept" if figure["kept"] else "MISSED")


def main():
    with open(sys.argv[1]) as lines:
        figures = [json.loads(line) for line in lines if line.startswith('{"bench"')]
    if not figures:
        return
    rows = [("figure", "measured", "target", "ratio", ""), *map(row, figures)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows)]
    rows.insert(1, tuple("-" * width for width in widths))
    for cells in rows:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |")


main()
