/**
 * The burn-down chart's geometry: what was left as a line that falls, what may be left as a fan, an even pace as a
 * hairline. Amounts and instants in, SVG paths out, in the pixels of the box they are drawn in.
 */

export interface BurnInput {
  readonly from: number;
  readonly resetsAt: number;
  readonly until: number;
  readonly granted: number;
  readonly available: number;
  /** When nothing is left at the pace; null when it lasts to the reset. */
  readonly runsOut: number | null;
  readonly curve: readonly { readonly at: number; readonly left: number }[];
  readonly fan: readonly {
    readonly at: number;
    readonly low: number;
    readonly likely: number;
    readonly high: number;
  }[];
}

export interface Box {
  readonly width: number;
  readonly height: number;
  readonly start: number;
  readonly end: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Tick {
  readonly value: number;
  readonly at: number;
}

export interface BurnPaths {
  readonly line: string;
  readonly area: string;
  readonly held: string | null;
  readonly now: { readonly x: number; readonly y: number };
  readonly even: string;
  readonly fan: string | null;
  readonly likely: string | null;
  readonly amounts: readonly Tick[];
  readonly days: readonly Tick[];
}

const DAY_MS = 86_400_000;
const round = (value: number) => Number(value.toFixed(1));

/** Round steps of 1, 2 or 5 that cut `max` into about four. */
export function steps(max: number): readonly number[] {
  if (max <= 0) return [0];
  const rough = max / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.99) ?? max;
  return Array.from({ length: Math.floor(max / step) + 1 }, (_, index) => index * step);
}

/** A day a week from the first on, and the reset; a week too near to the reset is left out. */
function weeks(from: number, until: number): readonly number[] {
  const days: number[] = [];
  for (let at = from; until - at > 4 * DAY_MS; at += 7 * DAY_MS) days.push(at);
  return [...days, until];
}

export function burnPaths(input: BurnInput, box: Box): BurnPaths {
  const { from, resetsAt, until, granted, available, runsOut, curve, fan } = input;
  const top = Math.max(granted, ...curve.map(({ left }) => left), 1);
  const span = Math.max(resetsAt - from, 1);
  const x = (at: number) =>
    round(box.start + (Math.min(Math.max(at - from, 0), span) / span) * (box.width - box.start - box.end));
  const base = box.height - box.bottom;
  const y = (amount: number) => round(base - (Math.max(amount, 0) / top) * (base - box.top));
  const path = (points: readonly (readonly [number, number])[]) =>
    `M${points.map(([px, py]) => `${px} ${py}`).join('L')}`;

  // What was left holds until the next charge: the line falls in steps.
  const stairs: (readonly [number, number])[] = [];
  for (const { at, left } of curve) {
    const before = stairs.at(-1);
    if (before && before[1] !== y(left)) stairs.push([x(at), before[1]]);
    stairs.push([x(at), y(left)]);
  }
  const last = stairs.at(-1) ?? ([x(until), y(available)] as const);
  const now = { x: x(until), y: y(available) };
  const corners = stairs.length > 0 ? stairs : [last];

  const above = fan.map((point) => [x(point.at), y(point.high)] as const);
  const below = fan.map((point) => [x(point.at), y(point.low)] as const);
  return {
    line: path(corners),
    area: `${path(corners)}L${last[0]} ${base}L${corners[0]![0]} ${base}Z`,
    held: now.y - last[1] > 0.5 ? path([last, [now.x, now.y]]) : null,
    now,
    even: path([
      [x(from), y(granted)],
      [x(resetsAt), base],
    ]),
    fan: fan.length > 1 ? `${path([...above, ...below.reverse()])}Z` : null,
    likely:
      fan.length > 1
        ? path([[now.x, now.y], runsOut === null ? [x(resetsAt), y(fan.at(-1)!.likely)] : [x(runsOut), base]])
        : null,
    amounts: steps(top).map((value) => ({ value, at: y(value) })),
    days: weeks(from, resetsAt).map((value) => ({ value, at: x(value) })),
  };
}

/** What was left at the end of each day, and what is expected at the end of those to come. */
export interface BurnRow {
  readonly at: number;
  readonly left: number;
  /** Null for a day that is over. */
  readonly range: readonly [low: number, high: number] | null;
}

export function burnRows({ from, resetsAt, until, curve, fan }: BurnInput): readonly BurnRow[] {
  const rows: BurnRow[] = [];
  for (let at = from; at < until; at += DAY_MS) {
    const end = Math.min(at + DAY_MS, until);
    const known = curve.filter((point) => point.at <= end).at(-1);
    if (known) rows.push({ at, left: known.left, range: null });
  }
  for (const point of fan.slice(1)) {
    rows.push({ at: Math.min(point.at, resetsAt), left: point.likely, range: [point.low, point.high] });
  }
  return rows;
}
