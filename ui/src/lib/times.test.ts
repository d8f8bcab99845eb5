// Times as people read them; the clock is ours.
import { expect, it } from 'vitest';
import * as times from './times';

const now = new Date(2026, 10, 22, 14, 2).getTime();
const at = (month: number, day: number, hour = 11, minute = 20, year = 2026) =>
  new Date(year, month, day, hour, minute).getTime();

it('lists today and yesterday by the clock, older ones by the day', () => {
  expect(times.listTime(at(10, 22), now)).toBe('11:20');
  expect(times.listTime(at(10, 21), now)).toBe('11:20');
  expect(times.listTime(at(10, 7), now)).toBe('7 Nov');
  expect(times.listTime(at(10, 7, 1, 1, 2025), now)).toBe('7 Nov 2025');
});

it('groups conversations by age', () => {
  expect(times.ageHeading(at(10, 22), now)).toBe('Today');
  expect(times.ageHeading(at(10, 21, 23, 59), now)).toBe('Yesterday');
  expect(times.ageHeading(at(10, 2), now)).toBe('Earlier this month');
  expect(times.ageHeading(at(9, 30), now)).toBe('October');
  expect(times.ageHeading(at(9, 30, 1, 1, 2025), now)).toBe('October 2025');
});

it('names a period’s end by its UTC day', () => {
  const reset = Date.UTC(2026, 11, 1);
  expect(times.resetDay(reset)).toBe('1 Dec');
  expect(times.dayInProse(reset)).toBe('1 December');
  expect(times.calendarDay('2026-12-11')).toBe('11 December');
  expect(times.calendarDay('soon')).toBe('soon');
});

it('says how long something took and how long is left', () => {
  expect(times.duration(31_000)).toBe('31 s');
  expect(times.duration(108_000)).toBe('1 min 48 s');
  expect(times.duration(120_000)).toBe('2 min');
  expect(times.until(now + 4 * 86_400_000, now)).toBe('4 days');
  expect(times.until(now + 86_400_000, now)).toBe('1 day');
  expect(times.until(now + 60_000, now)).toBe('a few hours');
});

it('elapsed stays between 0 and 1', () => {
  expect(times.elapsed(0, 10, 4)).toBe(0.4);
  expect(times.elapsed(0, 10, 40)).toBe(1);
  expect(times.elapsed(0, 0, 40)).toBe(0);
});
