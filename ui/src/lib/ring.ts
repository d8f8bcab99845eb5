/**
 * The ring's geometry: clockwise from 12 o'clock, spent as a hairline, held as dashes, available solid; outside, the
 * tick of today on the month's dial. Amounts in, SVG paths out.
 */

export interface RingAmounts {
  readonly spent: number;
  readonly held: number;
  readonly available: number;
}

export interface RingPaths {
  readonly stroke: number;
  readonly hairline: number;
  readonly spent: string | null;
  readonly held: { readonly path: string; readonly dash: number } | null;
  readonly available: string | null;
  readonly today: { readonly path: string; readonly width: number } | null;
}

/** Stroke widths drawn in the design, by size; between two of them the width is interpolated. */
const STROKES: readonly (readonly [size: number, stroke: number])[] = [
  [16, 2.6],
  [18, 3],
  [30, 3.45],
  [48, 4.5],
  [64, 6],
  [96, 8],
  [168, 11],
  [200, 13],
];
const TICK_FROM = 48;
const DASH = 2.5;
const DASH_MIN = 2.4;
/** Two dashes and the gap between them. */
const SEGMENTS_MIN = 3;

export function strokeFor(size: number): number {
  const first = STROKES[0]!;
  if (size <= first[0]) return first[1];
  for (let i = 1; i < STROKES.length; i += 1) {
    const [from, to] = [STROKES[i - 1]!, STROKES[i]!];
    if (size <= to[0]) return from[1] + ((size - from[0]) / (to[0] - from[0])) * (to[1] - from[1]);
  }
  return (size / 200) * 13;
}

const round = (value: number) => Number(value.toFixed(2));

class Dial {
  readonly centre: number;
  constructor(
    size: number,
    readonly radius: number,
  ) {
    this.centre = size / 2;
  }

  get circumference(): number {
    return 2 * Math.PI * this.radius;
  }

  point(turn: number, radius = this.radius): string {
    const angle = turn * 2 * Math.PI;
    return `${round(this.centre + radius * Math.sin(angle))} ${round(this.centre - radius * Math.cos(angle))}`;
  }

  /** A length along the circle as a part of a full turn. */
  turn(length: number): number {
    return length / this.circumference;
  }

  arc(from: number, to: number): string {
    const r = round(this.radius);
    if (to - from > 0.999) {
      const half = `A${r} ${r} 0 1 1`;
      return `M${this.point(0)}${half} ${this.point(0.5)}${half} ${this.point(1)}`;
    }
    return `M${this.point(from)}A${r} ${r} 0 ${to - from > 0.5 ? 1 : 0} 1 ${this.point(to)}`;
  }
}

/** An odd number of equal segments, so that the held arc begins and ends with a dash. */
function dashes(length: number): { count: number; dash: number } {
  const count = Math.max(SEGMENTS_MIN, 2 * Math.round((length / DASH - 1) / 2) + 1);
  return { count, dash: Math.max(length / count, count === SEGMENTS_MIN ? DASH_MIN : 0) };
}

/**
 * Paths for a ring of `size` pixels. `today` is how much of the period is over, 0 to 1, or null when it is not known.
 */
export function ringPaths(size: number, amounts: RingAmounts, today: number | null): RingPaths {
  const stroke = strokeFor(size);
  const ticked = today !== null && size >= TICK_FROM;
  const dial = new Dial(
    size,
    size >= TICK_FROM ? size / 2 - 0.045 * size - 1 - stroke / 2 : size / 2 - stroke / 2 - 0.5,
  );
  const gap = dial.turn(size >= 60 ? 2.4 : 1.6);
  const all = Math.max(amounts.spent + amounts.held + amounts.available, 1);

  const hasHeld = amounts.held > 0;
  const hasAvailable = amounts.available > 0;
  const hasSpent = amounts.spent > 0;
  const alone = Number(hasHeld) + Number(hasAvailable) + Number(hasSpent) === 1;
  const edge = alone ? 0 : gap / 2;

  // The least visible available arc and the least two dashes may need more room than their share: spent gives way
  // first.
  const availableMin = hasAvailable ? dial.turn(stroke / 2) + 2 * edge : 0;
  const heldShare = Math.min(amounts.held / all, 1 - availableMin) - 2 * edge;
  const held = dashes(Math.max(heldShare, 0) * dial.circumference);
  const heldTurn = hasHeld ? dial.turn(held.count * held.dash) + 2 * edge : 0;
  const spentEnd = Math.max(0, Math.min(amounts.spent / all, 1 - heldTurn - availableMin));
  const availableStart = spentEnd + heldTurn;

  return {
    stroke: round(stroke),
    hairline: size >= 60 ? 1.5 : 1.25,
    spent: hasSpent ? dial.arc(0, alone ? 1 : Math.max(spentEnd - edge, 0)) : null,
    held: hasHeld
      ? { path: dial.arc(spentEnd + edge, spentEnd + heldTurn - edge), dash: Number(held.dash.toFixed(3)) }
      : null,
    available: hasAvailable ? dial.arc(alone ? 0 : availableStart + edge, alone ? 1 : 1 - edge) : null,
    today: ticked
      ? {
          path: `M${dial.point(today, dial.radius + stroke / 2 + 1)}L${dial.point(today, size / 2 - 0.3)}`,
          width: size >= 60 ? 2 : 1.5,
        }
      : null,
  };
}
