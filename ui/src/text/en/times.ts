/** Instants and spans in words. */
import { plural } from '../plural';

export const times = {
  today: 'Today',
  yesterday: 'Yesterday',
  earlierThisMonth: 'Earlier this month',
  todayAt: (clock: string) => `today ${clock}`,
  yesterdayAt: (clock: string) => `yesterday ${clock}`,
  dayAt: (day: string, clock: string) => `${day} ${clock}`,
  seconds: (count: string) => `${count} s`,
  minutes: (count: string) => `${count} min`,
  minutesAndSeconds: (minutes: string, seconds: string) => `${minutes} min ${seconds} s`,
  aFewHours: 'a few hours',
  days: (count: number, figure: string) => `${figure} ${plural('en', count, { one: 'day', other: 'days' })}`,
};
