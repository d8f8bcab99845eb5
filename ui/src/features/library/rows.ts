/** The library's wall as rows: months as headings, files side by side. Pure: a hundred thousand cost nothing. */
import type { LibraryMonth } from '$/bindings/LibraryMonth';

export type Row =
  | { readonly kind: 'month'; readonly month: LibraryMonth }
  /** Files by their places, `from` to `to` without the last. */
  | { readonly kind: 'files'; readonly from: number; readonly to: number };

/** Months are headings where the newest come first; else the files follow one another. */
export function rowsOf(count: number, columns: number, months: readonly LibraryMonth[] | null): readonly Row[] {
  const rows: Row[] = [];
  const wide = Math.max(columns, 1);
  const files = (from: number, to: number) => {
    for (let at = from; at < to; at += wide) rows.push({ kind: 'files', from: at, to: Math.min(at + wide, to) });
  };
  if (months === null) files(0, count);
  let at = 0;
  for (const month of months ?? []) {
    rows.push({ kind: 'month', month });
    files(at, at + month.count);
    at += month.count;
  }
  return rows;
}

/** The row that holds a file. */
export const rowOf = (rows: readonly Row[], index: number): number => {
  let [low, high] = [0, rows.length - 1];
  const firstAfter = (row: Row | undefined) => (row?.kind === 'files' ? row.to : null);
  while (low < high) {
    const middle = (low + high) >> 1;
    // A heading belongs to what follows it.
    const row = rows[middle]?.kind === 'month' ? rows[middle + 1] : rows[middle];
    const end = firstAfter(row);
    if (end !== null && end <= index) low = middle + 1;
    else high = middle;
  }
  return rows[low]?.kind === 'month' ? low + 1 : low;
};

/** Where an arrow leads: left and right along the files, up and down by rows as they are drawn. */
export function stepFrom(rows: readonly Row[], index: number, key: string, page: number): number | null {
  const files = rows.filter((row) => row.kind === 'files');
  const last = files.at(-1);
  const count = last?.kind === 'files' ? last.to : 0;
  if (count === 0) return null;
  const row = files.findIndex((each) => each.kind === 'files' && index < each.to);
  const here = files[row];
  const vertical = (by: number) => {
    const target = files[Math.min(Math.max(row + by, 0), files.length - 1)];
    if (here?.kind !== 'files' || target?.kind !== 'files' || target === here) return index;
    return Math.min(target.from + (index - here.from), target.to - 1);
  };
  switch (key) {
    case 'ArrowRight':
      return Math.min(index + 1, count - 1);
    case 'ArrowLeft':
      return Math.max(index - 1, 0);
    case 'ArrowDown':
      return vertical(1);
    case 'ArrowUp':
      return vertical(-1);
    case 'PageDown':
      return vertical(page);
    case 'PageUp':
      return vertical(-page);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
