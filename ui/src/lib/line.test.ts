// Where the parts of a turn's line stand on its scale.
import { expect, it } from 'vitest';
import { lineShape, place } from './line';

it('a square-root scale spreads the small prices', () => {
  expect(place(6, { max: 24, shape: 'root' })).toBe(0.5);
  expect(place(6, { max: 24, shape: 'linear' })).toBe(0.25);
});

it('what does not fit the scale stays on it', () => {
  expect(place(1_400, { max: 24, shape: 'root' })).toBe(1);
  expect(place(-1, { max: 24, shape: 'linear' })).toBe(0);
  expect(place(1, { max: 0, shape: 'linear' })).toBe(0);
});

it('an estimate is a hairline to the ceiling, a band and a tick', () => {
  const shape = lineShape(
    { kind: 'estimate', low: 8, likely: 12, high: 18, ceiling: 24 },
    { max: 24, shape: 'linear' },
  );
  expect(shape).toMatchObject({ base: 1, cap: 1, tick: 0.5, band: [1 / 3, 0.75], dashes: null });
});

it('a turn under way is solid for what is used and dashed for the rest of the hold', () => {
  const shape = lineShape({ kind: 'running', soFar: 6, likely: 12, ceiling: 24 }, { max: 24, shape: 'linear' });
  expect(shape).toMatchObject({ used: 0.25, dashes: [0.25, 1], tick: 0.5, base: null });
});

it('charged and returned share the scale of the hold', () => {
  const scale = { max: 24, shape: 'linear' } as const;
  expect(lineShape({ kind: 'charged', amount: 12 }, scale)).toMatchObject({ base: 0.5, mark: 0.5 });
  expect(lineShape({ kind: 'returned', from: 12, to: 24 }, scale)).toMatchObject({ solid: [0.5, 1] });
});
