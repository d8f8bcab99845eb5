/** الأوقات والمدد بالكلمات. */
import { plural } from '../plural';
import type { Words } from '../words.svelte';

export const times = {
  today: 'اليوم',
  yesterday: 'أمس',
  earlierThisMonth: 'في وقت سابق من هذا الشهر',
  todayAt: (clock) => `اليوم ${clock}`,
  yesterdayAt: (clock) => `أمس ${clock}`,
  dayAt: (day, clock) => `${day}، ${clock}`,
  seconds: (count) => `${count} ث`,
  minutes: (count) => `${count} د`,
  minutesAndSeconds: (minutes, seconds) => `${minutes} د ${seconds} ث`,
  aFewHours: 'بضع ساعات',
  days: (count, figure) =>
    plural('ar', count, {
      one: 'يوم واحد',
      two: 'يومان',
      few: `${figure} أيام`,
      many: `${figure} يومًا`,
      other: `${figure} يوم`,
    }),
} satisfies Words['times'];
