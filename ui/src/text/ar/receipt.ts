/** إيصال الدور: ما قيل وما حُجز وما حُسب وما أُعيد، ومقابل ماذا. */
import { plural } from '../plural';
import type { Words } from '../words.svelte';

export const receipt = {
  title: 'الإيصال',
  charged: 'حُسبت',
  held: 'محجوزة',
  estimate: 'التقدير',
  rows: { held: 'المحجوز', charged: 'المحسوب', returned: 'المُعاد' },
  verdict: { below: 'أقل من التقدير', above: 'أعلى من التقدير', inside: 'ضمن التقدير' },
  countedHere: 'لم يبلّغ المزوّد عن الاستهلاك، فعُدّت الرموز هنا.',
  overrun: (amount) => `طلب المزوّد ${amount} فوق السقف. لم تُحسب عليك.`,
  rateCard: 'قائمة الأسعار',
  ledger: 'دفتر الحسابات',
  providersId: 'المعرّف لدى المزوّد',
  copy: 'نسخ',
  copied: 'نُسخ',
  showInLedger: 'عرض في دفتر الحسابات',
  columns: { usage: 'الاستهلاك', rate: 'السعر', credits: 'النقاط' },
  lines: {
    reading: 'القراءة',
    remembered_reading: 'القراءة المتذكَّرة',
    remembering: 'التذكّر',
    thinking: 'التفكير',
    answer: 'الإجابة',
    reading_pictures: 'قراءة الصور',
    pictures: 'الصور',
    clip: 'المقطع',
    provider_tools: 'عمليات البحث',
  },
  quantity: {
    tokens: (count, figure) =>
      plural('ar', count, {
        zero: 'لا رموز',
        one: 'رمز واحد',
        two: 'رمزان',
        few: `${figure} رموز`,
        many: `${figure} رمزًا`,
        other: `${figure} رمز`,
      }),
    pictures: (count, figure) =>
      plural('ar', count, {
        zero: 'لا صور',
        one: 'صورة واحدة',
        two: 'صورتان',
        few: `${figure} صور`,
        many: `${figure} صورة`,
        other: `${figure} صورة`,
      }),
    seconds: (count, figure) =>
      plural('ar', count, {
        zero: 'لا ثوانٍ',
        one: 'ثانية واحدة',
        two: 'ثانيتان',
        few: `${figure} ثوانٍ`,
        many: `${figure} ثانية`,
        other: `${figure} ثانية`,
      }),
    calls: (count, figure) =>
      plural('ar', count, {
        zero: 'لا استدعاءات',
        one: 'استدعاء واحد',
        two: 'استدعاءان',
        few: `${figure} استدعاءات`,
        many: `${figure} استدعاءً`,
        other: `${figure} استدعاء`,
      }),
  },
  rate: {
    tokens: (price) => `${price} للمليون`,
    pictures: (price) => `${price} للصورة`,
    seconds: (price) => `${price} للثانية`,
    calls: (price) => `${price} للاستدعاء`,
  },
  entries: {
    none: 'لا شيء بعد',
    one: (entry) => `القيد ${entry}`,
    many: (from, to) => `القيود من ${from} إلى ${to}`,
  },
  text: {
    model: (model, practice) => (practice ? `${model} (محاكاة، نقاط تجريبية)` : model),
    turn: (id) => `الدور ${id}`,
    estimate: (sentence) => `التقدير ${sentence}`,
    held: (amount) => `المحجوز ${amount}`,
    charged: (amount) => `المحسوب ${amount}`,
    returned: (amount) => `المُعاد ${amount}`,
    notYet: 'ليس بعد',
    line: (name, quantity, rate, cost) => `${name}: ${quantity} بسعر ${rate}، ${cost}`,
    foot: (version, entries) => `قائمة الأسعار ${version}، دفتر الحسابات ${entries}`,
  },
} satisfies Words['receipt'];
