// The ring is the signature: these cases compare it with the arcs drawn in the design.
import { describe, expect, it } from 'vitest';
import { ringPaths, strokeFor } from './ring';

/** Start and end of an arc path as clockwise turns from 12 o'clock. */
function ends(path: string, size: number): [number, number] {
  const numbers = [...path.matchAll(/-?\d+(?:\.\d+)?/g)].map(Number);
  const turn = (x: number, y: number) => {
    const angle = Math.atan2(x - size / 2, size / 2 - y) / (2 * Math.PI);
    return angle < -1e-6 ? angle + 1 : angle;
  };
  return [turn(numbers[0]!, numbers[1]!), turn(numbers.at(-2)!, numbers.at(-1)!)];
}

const month = { spent: 669, held: 88, available: 1_243 };

describe('the header ring of the design', () => {
  const paths = ringPaths(30, month, 0.4);
  it('has its stroke, hairline and radius', () => {
    expect(paths.stroke).toBe(3.45);
    expect(paths.hairline).toBe(1.25);
    expect(paths.spent).toMatch(/^M15 2\.2[23]A12\.7[78]/);
  });
  it('draws held with two dashes even when its share is smaller', () => {
    const [from, to] = ends(paths.held!.path, 30);
    expect(paths.held!.dash).toBeCloseTo(2.4, 2);
    expect((to - from) * 2 * Math.PI * 12.775).toBeCloseTo(7.2, 1);
  });
  it('starts spent at 12 o’clock and ends available just before it', () => {
    expect(ends(paths.spent!, 30)[0]).toBeCloseTo(0, 3);
    expect(ends(paths.available!, 30)[1]).toBeCloseTo(1 - 0.8 / (2 * Math.PI * 12.775), 3);
  });
  it('shows no tick below 48 px', () => expect(paths.today).toBeNull());
});

it('at 168 px the arcs keep their order and their gaps', () => {
  const paths = ringPaths(168, month, 0.4);
  const spent = ends(paths.spent!, 168);
  const held = ends(paths.held!.path, 168);
  const available = ends(paths.available!, 168);
  const gap = 2.4 / (2 * Math.PI * 69.94);
  expect(spent[1]).toBeCloseTo(0.3345 - gap / 2, 3);
  expect(held[0] - spent[1]).toBeCloseTo(gap, 3);
  expect(available[0] - held[1]).toBeCloseTo(gap, 3);
  expect(paths.held!.dash).toBeGreaterThan(2.2);
  expect(paths.held!.dash).toBeLessThan(2.8);
  expect(ends(paths.today!.path.replace('L', ' '), 168)[0]).toBeCloseTo(0.4, 2);
});

it('one amount alone closes the circle without a gap', () => {
  const full = ringPaths(96, { spent: 0, held: 0, available: 5 }, null);
  expect(full.available?.match(/A/g)).toHaveLength(2);
  expect([full.spent, full.held, full.today]).toEqual([null, null, null]);
  expect(ringPaths(96, { spent: 5, held: 0, available: 0 }, null).spent?.match(/A/g)).toHaveLength(2);
});

it('a last credit stays visible and the arcs never overlap', () => {
  for (const amounts of [
    { spent: 1_996.8, held: 0, available: 3.2 },
    { spent: 1_999, held: 0.5, available: 0.5 },
    { spent: 0, held: 1_999.9, available: 0.1 },
    { spent: 0.1, held: 0.1, available: 1_999.8 },
  ]) {
    const paths = ringPaths(30, amounts, null);
    const spent = paths.spent ? ends(paths.spent, 30) : [0, 0];
    const held = paths.held ? ends(paths.held.path, 30) : [spent[1]!, spent[1]!];
    const available = ends(paths.available!, 30);
    expect(available[1] - available[0]).toBeGreaterThan(0.005);
    expect(held[0]!).toBeGreaterThanOrEqual(spent[1]! - 1e-3);
    expect(available[0]).toBeGreaterThanOrEqual(held[1]! - 1e-3);
  }
});

it('interpolates strokes between the sizes that were drawn', () => {
  expect(strokeFor(22)).toBeGreaterThan(3);
  expect(strokeFor(22)).toBeLessThan(3.45);
  expect(strokeFor(400)).toBe(26);
});
