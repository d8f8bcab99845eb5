/** قائمة المحادثات. */
import { figure as number, plural } from '../plural';
import type { Words } from '../words.svelte';

export const conversations = {
  title: 'المحادثات',
  all: 'كل المحادثات',
  create: 'محادثة جديدة',
  none: 'ستُسرد المحادثات هنا، أحدثها أولًا، ومع كل منها ما كلّفته.',
  older: 'عرض الأقدم',
  name: 'اسم المحادثة',
  turns: (count) =>
    plural('ar', count, {
      zero: 'لا أدوار',
      one: 'دور واحد',
      two: 'دوران',
      few: `${number('ar-EG', count)} أدوار`,
      many: `${number('ar-EG', count)} دورًا`,
      other: `${number('ar-EG', count)} دور`,
    }),
  writing: 'تجري الكتابة',
  charged: 'حُسبت',
  credits: 'نقطة',
  rename: 'إعادة التسمية',
  remove: 'حذف',
  options: (title) => `خيارات ${title}`,
} satisfies Words['conversations'];
