/**
 * The library's wall: every file goes into the column that is shortest so far, and every month begins anew under its
 * heading. The tops of the files never fall from one to the next, so what is in view is found by halving. Pure: a
 * hundred thousand are laid out in a few milliseconds.
 */
import type { LibraryMonth } from '$/bindings/LibraryMonth';

/** Very wide and very high files are cut to these, in thousandths of their width. */
const LOWEST_PERMILLE = 400;
const HIGHEST_PERMILLE = 2_000;

export interface Measure {
  readonly columns: number;
  /** How wide a file is drawn. */
  readonly tile: number;
  readonly gap: number;
  /** How high a month's heading is. */
  readonly heading: number;
}

export interface Heading {
  readonly month: LibraryMonth;
  /** The place of its first file. */
  readonly from: number;
  readonly top: number;
}

export interface Masonry {
  readonly count: number;
  readonly height: number;
  /** The height of the tallest file. */
  readonly tallest: number;
  readonly tops: Float64Array;
  readonly heights: Float64Array;
  readonly column: Uint8Array;
  readonly headings: readonly Heading[];
}

/** `months` are headings where the newest come first; else the files follow one another. */
export function layOut(
  shapesPermille: readonly number[],
  months: readonly LibraryMonth[] | null,
  { columns, tile, gap, heading }: Measure,
): Masonry {
  const count = shapesPermille.length;
  const tops = new Float64Array(count);
  const heights = new Float64Array(count);
  const column = new Uint8Array(count);
  const ends = new Float64Array(columns);
  const headings: Heading[] = [];
  const place = (from: number, to: number) => {
    for (let at = from; at < to; at += 1) {
      let shortest = 0;
      for (let each = 1; each < columns; each += 1) if (ends[each]! < ends[shortest]!) shortest = each;
      const shape = Math.min(Math.max(shapesPermille[at]!, LOWEST_PERMILLE), HIGHEST_PERMILLE);
      tops[at] = ends[shortest]!;
      heights[at] = Math.round((tile * shape) / 1_000);
      column[at] = shortest;
      ends[shortest]! += heights[at]! + gap;
    }
  };
  let from = 0;
  for (const month of months ?? []) {
    const top = Math.max(...ends);
    headings.push({ month, from, top });
    ends.fill(top + heading);
    place(from, Math.min(from + month.count, count));
    from = Math.min(from + month.count, count);
  }
  place(from, count);
  const tallest = heights.reduce((most, each) => Math.max(most, each), 0);
  return { count, height: Math.max(...ends), tallest, tops, heights, column, headings };
}

/** The first place whose top is at `y` or below. */
function firstFrom({ tops, count }: Masonry, y: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tops[middle]! < y) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The places of the files between two heights, in order. */
export function placesIn(wall: Masonry, from: number, to: number): readonly number[] {
  const places: number[] = [];
  const end = firstFrom(wall, to);
  for (let at = firstFrom(wall, from - wall.tallest); at < end; at += 1)
    if (wall.tops[at]! + wall.heights[at]! > from) places.push(at);
  return places;
}

/** The file of a column whose middle is nearest to `y`, as seen from `place`; null where the column has none. */
function nearest(wall: Masonry, place: number, column: number, y: number): number | null {
  let found: number | null = null;
  let distance = Infinity;
  const consider = (at: number): boolean => {
    const away = wall.tops[at]! + wall.heights[at]! / 2 - y;
    if (wall.column[at] === column && Math.abs(away) < distance) [found, distance] = [at, Math.abs(away)];
    return Math.abs(away) > distance + wall.tallest;
  };
  for (let at = place; at < wall.count; at += 1) if (consider(at)) break;
  for (let at = place - 1; at >= 0; at -= 1) if (consider(at)) break;
  return found;
}

/** The file above or below in the same column; at its end the file itself. */
function along(wall: Masonry, place: number, by: 1 | -1): number {
  for (let at = place + by; at >= 0 && at < wall.count; at += by) if (wall.column[at] === wall.column[place]) return at;
  return place;
}

/** Where a key leads, by what is seen: up and down in a column, left and right to the nearest of the next. */
export function stepFrom(wall: Masonry, place: number, key: string, page: number): number | null {
  if (wall.count === 0) return null;
  const middle = wall.tops[place]! + wall.heights[place]! / 2;
  const column = wall.column[place]!;
  switch (key) {
    case 'ArrowRight':
      return nearest(wall, place, column + 1, middle) ?? place;
    case 'ArrowLeft':
      return nearest(wall, place, column - 1, middle) ?? place;
    case 'ArrowDown':
      return along(wall, place, 1);
    case 'ArrowUp':
      return along(wall, place, -1);
    case 'PageDown':
      return nearest(wall, place, column, middle + page) ?? place;
    case 'PageUp':
      return nearest(wall, place, column, middle - page) ?? place;
    case 'Home':
      return 0;
    case 'End':
      return wall.count - 1;
    default:
      return null;
  }
}
