/** Instants as people read them. "Now" is always passed in, so that tests own the clock. */

const DAY_MS = 86_400_000;
const LOCALE = 'en-GB';

const day = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short' });
const dayYear = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', year: 'numeric' });
const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' });
// Periods are months in UTC: their ends are named by the UTC day, or a person west of Greenwich would read the day
// before.
const dayUtc = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const dayLongUtc = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'long', timeZone: 'UTC' });

/** "14:02". */
export const timeOfDay = (at: number): string => clock.format(at);

/** A period's end in a tight place: "1 Dec". */
export const resetDay = (at: number): string => dayUtc.format(at);

/** A period's end in prose: "1 December". */
export const dayInProse = (at: number): string => dayLongUtc.format(at);

/** A calendar day like `2026-12-11`: "11 December". */
export const calendarDay = (text: string): string => {
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(at) ? text : dayLongUtc.format(at);
};

function startOfDay(at: number): number {
  const date = new Date(at);
  date.setHours(0, 0, 0, 0);
  return date.getTime();
}

/** Whole days between two local dates. */
const daysApart = (at: number, now: number): number => Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);

/** "14:02" today, "7 Nov" this year, "7 Nov 2025" before. */
export function listTime(at: number, now: number): string {
  const days = daysApart(at, now);
  if (days <= 1) return clock.format(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? day.format(at) : dayYear.format(at);
}

/** "today 13:41", "yesterday 09:05", "7 Nov 13:41". */
export function moment(at: number, now: number): string {
  const days = daysApart(at, now);
  if (days <= 0) return `today ${clock.format(at)}`;
  if (days === 1) return `yesterday ${clock.format(at)}`;
  return `${listTime(at, now)} ${clock.format(at)}`;
}

/** The heading a conversation stands under. */
export function ageHeading(at: number, now: number): string {
  const days = daysApart(at, now);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  const then = new Date(at);
  const current = new Date(now);
  const sameYear = then.getFullYear() === current.getFullYear();
  if (sameYear && then.getMonth() === current.getMonth()) return 'Earlier this month';
  return new Intl.DateTimeFormat(LOCALE, sameYear ? { month: 'long' } : { month: 'long', year: 'numeric' }).format(at);
}

/** "31 s", "1 min 48 s". */
export function duration(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < 60) return `${s} s`;
  return s % 60 === 0 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
}

/** How much of a period is over, 0 to 1. */
export function elapsed(startsAt: number, endsAt: number, now: number): number {
  if (endsAt <= startsAt) return 0;
  return Math.min(Math.max((now - startsAt) / (endsAt - startsAt), 0), 1);
}

/** "4 days", "1 day", "a few hours": how long until an instant. */
export function until(at: number, now: number): string {
  const days = Math.ceil((at - now) / DAY_MS);
  if (at - now < DAY_MS) return 'a few hours';
  return days === 1 ? '1 day' : `${days} days`;
}
