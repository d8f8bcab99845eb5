// The wall of the library: headings, rows, and where the arrows lead.
import { describe, expect, it } from 'vitest';
import { rowOf, rowsOf, stepFrom } from './rows';

const month = (name: string, count: number) => ({ month: name, count, charged: 0 });
const rows = rowsOf(8, 3, [month('2026-11', 5), month('2026-10', 3)]);

it('every month begins a row under its heading', () => {
  expect(rows.map((row) => (row.kind === 'month' ? row.month.month : `${row.from}-${row.to}`))).toEqual([
    '2026-11',
    '0-3',
    '3-5',
    '2026-10',
    '5-8',
  ]);
});

it('without months the files follow one another', () => {
  expect(rowsOf(4, 3, null)).toEqual([
    { kind: 'files', from: 0, to: 3 },
    { kind: 'files', from: 3, to: 4 },
  ]);
});

it('finds the row of a file, never a heading', () => {
  expect(Array.from({ length: 8 }, (_, index) => rowOf(rows, index))).toEqual([1, 1, 1, 2, 2, 4, 4, 4]);
});

describe('arrows', () => {
  it('go along the files and across the end of a row', () => {
    expect(stepFrom(rows, 4, 'ArrowRight', 5)).toBe(5);
    expect(stepFrom(rows, 5, 'ArrowLeft', 5)).toBe(4);
  });

  it('go up and down in the same column, or to the last of a short row', () => {
    expect(stepFrom(rows, 2, 'ArrowDown', 5)).toBe(4);
    expect(stepFrom(rows, 4, 'ArrowDown', 5)).toBe(6);
    expect(stepFrom(rows, 7, 'ArrowUp', 5)).toBe(4);
  });

  it('stop at the ends', () => {
    expect(stepFrom(rows, 0, 'ArrowUp', 5)).toBe(0);
    expect(stepFrom(rows, 7, 'ArrowDown', 5)).toBe(7);
    expect(stepFrom(rows, 7, 'ArrowRight', 5)).toBe(7);
    expect(stepFrom(rows, 3, 'Home', 5)).toBe(0);
    expect(stepFrom(rows, 3, 'End', 5)).toBe(7);
    expect(stepFrom(rows, 0, 'PageDown', 5)).toBe(5);
  });

  it('any other key is not one of them', () => {
    expect(stepFrom(rows, 0, 'x', 5)).toBeNull();
  });
});

it('a hundred thousand files are laid out at once', () => {
  const wall = rowsOf(100_000, 5, null);
  expect(wall).toHaveLength(20_000);
  expect(rowOf(wall, 99_999)).toBe(19_999);
});
