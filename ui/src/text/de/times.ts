/** Zeitpunkte und Zeitspannen in Worten. */
import { plural } from '../plural';
import type { Words } from '../words.svelte';

export const times = {
  today: 'Heute',
  yesterday: 'Gestern',
  earlierThisMonth: 'Früher in diesem Monat',
  todayAt: (clock) => `heute ${clock}`,
  yesterdayAt: (clock) => `gestern ${clock}`,
  dayAt: (day, clock) => `${day}, ${clock}`,
  seconds: (count) => `${count} s`,
  minutes: (count) => `${count} min`,
  minutesAndSeconds: (minutes, seconds) => `${minutes} min ${seconds} s`,
  aFewHours: 'ein paar Stunden',
  days: (count, figure) => `${figure} ${plural('de', count, { one: 'Tag', other: 'Tage' })}`,
} satisfies Words['times'];
