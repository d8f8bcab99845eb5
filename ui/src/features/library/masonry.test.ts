// The wall of the library: columns of about the same height, months, what is in view, and where the keys lead.
import { describe, expect, it } from 'vitest';
import { layOut, placesIn, stepFrom } from './masonry';

const measure = { columns: 3, tile: 100, gap: 10, heading: 40 };
const month = (name: string, count: number) => ({ month: name, count, charged: 0 });
const places = (wall: ReturnType<typeof layOut>) =>
  Array.from(wall.tops, (top, at) => [wall.column[at], top, wall.heights[at]]);

it('every file goes into the shortest column', () => {
  const wall = layOut([1_000, 500, 1_500, 1_000, 1_000], null, measure);
  expect(places(wall)).toEqual([
    [0, 0, 100],
    [1, 0, 50],
    [2, 0, 150],
    [1, 60, 100],
    [0, 110, 100],
  ]);
  expect(wall.height).toBe(220);
});

it('every month begins anew under its heading', () => {
  const wall = layOut([1_000, 500, 1_000], [month('2026-11', 2), month('2026-10', 1)], measure);
  expect(wall.headings.map(({ month: { month: name }, from, top }) => [name, from, top])).toEqual([
    ['2026-11', 0, 0],
    ['2026-10', 2, 150],
  ]);
  expect(places(wall)).toEqual([
    [0, 40, 100],
    [1, 40, 50],
    [0, 190, 100],
  ]);
});

it('a panorama and a scroll are cut to what a wall can hold', () => {
  expect([...layOut([1, 90_000], null, measure).heights]).toEqual([40, 200]);
});

it('finds what is in view, and what reaches into it from above', () => {
  const wall = layOut([2_000, 1_000, 1_000, 1_000, 1_000], null, measure);
  expect(placesIn(wall, 105, 300)).toEqual([0, 3, 4]);
  expect(placesIn(wall, 0, 50)).toEqual([0, 1, 2]);
  expect(placesIn(wall, 205, 300)).toEqual([3, 4]);
  expect(placesIn(wall, 900, 1_000)).toEqual([]);
});

describe('keys', () => {
  // Columns: 0 4 | 1 3 | 2.
  const wall = layOut([1_000, 500, 1_500, 1_000, 1_000], null, measure);
  const step = (from: number, key: string) => stepFrom(wall, from, key, 100);

  it('go up and down in a column, and stop at its ends', () => {
    expect([step(1, 'ArrowDown'), step(3, 'ArrowDown'), step(4, 'ArrowUp'), step(0, 'ArrowUp')]).toEqual([3, 3, 0, 0]);
  });

  it('go left and right to the nearest of the next column, and stop at the edges', () => {
    expect([step(0, 'ArrowRight'), step(4, 'ArrowRight'), step(3, 'ArrowRight')]).toEqual([1, 3, 2]);
    expect([step(2, 'ArrowLeft'), step(0, 'ArrowLeft'), step(2, 'ArrowRight')]).toEqual([3, 0, 2]);
  });

  it('go a page along the column, and to the ends', () => {
    expect([step(0, 'PageDown'), step(4, 'PageUp'), step(0, 'End'), step(4, 'Home')]).toEqual([4, 0, 4, 0]);
  });

  it('any other key is not one of them, and an empty wall has nowhere to go', () => {
    expect(step(0, 'x')).toBeNull();
    expect(stepFrom(layOut([], null, measure), 0, 'End', 100)).toBeNull();
  });
});

it('a hundred thousand files: none overlaps the next of its column, none is out of order', () => {
  const wall = layOut(
    Array.from({ length: 100_000 }, (_, at) => 400 + ((at * 7_919) % 1_600)),
    [month('2026-11', 60_000), month('2026-10', 40_000)],
    measure,
  );
  const ends = [0, 0, 0];
  let [before, wrong] = [0, 0];
  for (let at = 0; at < wall.count; at += 1) {
    const column = wall.column[at]!;
    if (wall.tops[at]! < ends[column]! || wall.tops[at]! < before) wrong += 1;
    before = wall.tops[at]!;
    ends[column] = before + wall.heights[at]!;
  }
  expect(wrong).toBe(0);
  expect(placesIn(wall, wall.height - 1_000, wall.height).at(-1)).toBe(99_999);
});
