// The burn-down chart's geometry.
import { describe, expect, it } from 'vitest';
import { burnPaths, burnRows, steps, type Box, type BurnInput } from './burn';

const DAY = 86_400_000;
const box: Box = { width: 740, height: 220, start: 40, end: 0, top: 20, bottom: 20 };
const input: BurnInput = {
  from: 0,
  resetsAt: 30 * DAY,
  until: 10 * DAY,
  granted: 2_000,
  available: 900,
  runsOut: null,
  curve: [
    { at: 0, left: 2_000 },
    { at: 5 * DAY, left: 1_500 },
    { at: 10 * DAY, left: 1_000 },
  ],
  fan: [
    { at: 10 * DAY, low: 900, likely: 900, high: 900 },
    { at: 30 * DAY, low: 0, likely: 300, high: 700 },
  ],
};

describe('the chart', () => {
  it('falls in steps from the grant to what is left', () => {
    expect(burnPaths(input, box).line).toBe('M40 20L156.7 20L156.7 65L273.3 65L273.3 110');
  });

  it('drops by what is held to what is free, and marks it', () => {
    const { held, now } = burnPaths(input, box);
    expect(held).toBe('M273.3 110L273.3 119');
    expect(now).toEqual({ x: 273.3, y: 119 });
    expect(burnPaths({ ...input, available: 1_000 }, box).held).toBeNull();
  });

  it('opens a fan to the reset, inside the box', () => {
    const { fan, likely } = burnPaths(input, box);
    expect(fan).toBe('M273.3 119L740 137L740 200L273.3 119Z');
    expect(likely).toBe('M273.3 119L740 173');
    expect(burnPaths({ ...input, runsOut: 25 * DAY }, box).likely).toBe('M273.3 119L623.3 200');
    expect(burnPaths({ ...input, fan: [] }, box)).toMatchObject({ fan: null, likely: null });
  });

  it('an even pace ends at nothing on the reset', () => {
    expect(burnPaths(input, box).even).toBe('M40 20L740 200');
  });

  it('names a day a week and the reset', () => {
    expect(burnPaths(input, box).days.map(({ value }) => value / DAY)).toEqual([0, 7, 14, 21, 30]);
  });

  it('a grant beside the plan makes it taller', () => {
    const curve = [{ at: 0, left: 4_000 }];
    expect(burnPaths({ ...input, curve }, box).amounts.at(-1)).toEqual({ value: 4_000, at: 20 });
  });
});

it('cuts an axis into about four round steps', () => {
  expect(steps(2_000_000)).toEqual([0, 500_000, 1_000_000, 1_500_000, 2_000_000]);
  expect(steps(100_000)).toEqual([0, 50_000, 100_000]);
  expect(steps(10_000_000)).toHaveLength(3);
  expect(steps(0)).toEqual([0]);
});

it('tells the same day by day', () => {
  const rows = burnRows(input);
  expect(rows).toHaveLength(11);
  expect(rows[0]).toEqual({ at: 0, left: 2_000, range: null });
  expect(rows[9]).toEqual({ at: 9 * DAY, left: 1_000, range: null });
  expect(rows[10]).toEqual({ at: 30 * DAY, left: 300, range: [0, 700] });
});
