/** النقاط والحصص بالكلمات. */
import { plural } from '../plural';
import type { Words } from '../words.svelte';

export const amounts = {
  under: (figure) => `أقل من ${figure}`,
  credits: (whole) =>
    whole === null ? 'نقطة' : plural('ar', whole, { two: 'نقطتان', few: 'نقاط', many: 'نقطة', other: 'نقطة' }),
  practiceCredits: (whole) =>
    whole === null
      ? 'نقطة تجريبية'
      : plural('ar', whole, {
          two: 'نقطتان تجريبيتان',
          few: 'نقاط تجريبية',
          many: 'نقطة تجريبية',
          other: 'نقطة تجريبية',
        }),
  creditsAlone: 'نقطة',
  neverMoreThan: (estimate, ceiling) => `${estimate}، ولا تتجاوز ${ceiling} أبدًا`,
  spoken: (estimate, low, high, ceiling) => `${estimate}، بين ${low} و${high}، ولا تتجاوز ${ceiling} أبدًا`,
  percent: (figure) => `${figure}٪`,
} satisfies Words['amounts'];
