/** كلمات يستعملها أكثر من مكان. */
import type { Words } from '../words.svelte';

export const common = {
  cancel: 'إلغاء',
  close: 'إغلاق',
  back: 'رجوع',
  retry: 'إعادة المحاولة',
  undo: 'تراجع',
  simulated: 'محاكاة',
  product: 'Any AI Studio',
} satisfies Words['common'];
