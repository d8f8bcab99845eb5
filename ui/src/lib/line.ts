/**
 * The line's geometry: one turn's money laid flat on a scale from 0 to a ceiling. Amounts in, positions as fractions
 * of the scale out, so that one component can draw it at any width.
 */

export type Line =
  | {
      readonly kind: 'estimate';
      readonly low: number;
      readonly likely: number;
      readonly high: number;
      readonly ceiling: number;
    }
  | { readonly kind: 'fixed'; readonly price: number }
  | { readonly kind: 'held'; readonly amount: number }
  | { readonly kind: 'running'; readonly soFar: number; readonly likely: number | null; readonly ceiling: number }
  | { readonly kind: 'charged'; readonly amount: number }
  | { readonly kind: 'returned'; readonly from: number; readonly to: number }
  /** Charged, and the rest of what was held returned. */
  | { readonly kind: 'settled'; readonly charged: number; readonly ceiling: number };

export interface Scale {
  /** What the right end stands for. */
  readonly max: number;
  /** The picker compares models on a square root; receipts and meters are linear. */
  readonly shape: 'linear' | 'root';
}

export interface LineShape {
  /** The hairline, from 0. */
  readonly base: number | null;
  readonly cap: number | null;
  readonly band: readonly [number, number] | null;
  readonly tick: number | null;
  readonly dashes: readonly [number, number] | null;
  readonly used: number | null;
  readonly mark: number | null;
  readonly solid: readonly [number, number] | null;
}

const nothing: LineShape = {
  base: null,
  cap: null,
  band: null,
  tick: null,
  dashes: null,
  used: null,
  mark: null,
  solid: null,
};

export function place(amount: number, scale: Scale): number {
  if (scale.max <= 0) return 0;
  const share = Math.min(Math.max(amount / scale.max, 0), 1);
  return scale.shape === 'root' ? Math.sqrt(share) : share;
}

export function lineShape(line: Line, scale: Scale): LineShape {
  const at = (amount: number) => place(amount, scale);
  switch (line.kind) {
    case 'estimate':
      return {
        ...nothing,
        base: at(line.ceiling),
        cap: at(line.ceiling),
        band: [at(line.low), at(line.high)],
        tick: at(line.likely),
      };
    case 'fixed':
      return { ...nothing, base: at(line.price), tick: at(line.price) };
    case 'held':
      return { ...nothing, dashes: [0, at(line.amount)] };
    case 'running':
      return {
        ...nothing,
        used: at(line.soFar),
        dashes: [at(line.soFar), at(line.ceiling)],
        tick: line.likely === null ? null : at(line.likely),
      };
    case 'charged':
      return { ...nothing, base: at(line.amount), mark: at(line.amount) };
    case 'settled':
      return {
        ...nothing,
        base: at(line.charged),
        mark: at(line.charged),
        solid: line.ceiling > line.charged ? [at(line.charged), at(line.ceiling)] : null,
      };
    case 'returned':
      return { ...nothing, solid: [at(line.from), at(line.to)] };
  }
}
