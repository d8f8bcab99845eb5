/** قسم الإعدادات. */
import { plural } from '../plural';
import type { Words } from '../words.svelte';

const models = (count: number, figure: string) =>
  plural('ar', count, {
    zero: 'لا نماذج مدرجة',
    one: 'نموذج واحد مدرج',
    two: 'نموذجان مدرجان',
    few: `${figure} نماذج مدرجة`,
    many: `${figure} نموذجًا مدرجًا`,
    other: `${figure} نموذج مدرج`,
  });

export const settings = {
  title: 'الإعدادات',
  groups: 'مجموعات الإعدادات',
  sections: {
    providers: 'المزوّدون',
    budget: 'الميزانية',
    look: 'المظهر',
    language: 'اللغة',
    sending: 'الإرسال',
    keyboard: 'لوحة المفاتيح',
    data: 'بياناتك',
    studio: 'الاستوديو',
    about: 'حول البرنامج',
  },
  providers: {
    ownKeys: 'تبقى المفاتيح في سلسلة مفاتيح هذا الحاسوب. لا تُكتب في ملف أبدًا، ولا تُعرض ثانية، ولا تُرسل إلى غير مزوّدها.',
    operatorKeys: 'يحتفظ مشغّل خادم الاستوديو هذا بالمفاتيح.',
    practice: 'في استوديو التجربة يجيب مزوّدون بدلاء.',
    works: 'يعمل',
    add: 'إضافة مفتاح',
    replace: 'استبدال المفتاح',
    forget: 'نسيان المفتاح',
    options: (provider) => `خيارات مفتاح ${provider}`,
    none: 'لا مفتاح بعد. نماذجه معروضة، لكن لا يمكن استدعاؤها.',
    standIn: 'يجيب بديل. لا حاجة إلى مفتاح.',
    kept: {
      operator: 'محفوظ لدى مشغّل الخادم.',
      keychain: 'محفوظ في سلسلة مفاتيح هذا الحاسوب.',
      session: 'محفوظ حتى إغلاق الاستوديو.',
    },
    listed: (count, figure) => `${models(count, figure)}.`,
    refused: 'رفض المزوّد المفتاح. نماذجه متوقفة حتى تلصق مفتاحًا آخر.',
    unchecked: 'لم يُتحقق منه منذ بدء الاستوديو.',
  },
  budget: {
    label: 'الميزانية الشهرية',
    yours: 'خطتك',
    resets: (day) => `تتجدد في ${day}`,
    about: (day) =>
      `أقصى ما يمكن أن يكلفه الشهر. الزيادة تسري فورًا، والنقصان لا يأخذ حتى ${day} إلا ما لم يُنفق ولم يُحجز.`,
    fromServer: 'يحدد مشغّل خادم الاستوديو هذا الخطة.',
  },
  look: {
    theme: 'المظهر',
    themes: { system: 'النظام', light: 'فاتح', dark: 'داكن' },
    textSize: 'حجم النص',
    textSizeAbout: 'يكبر معه كل ما في النافذة',
    sizes: { small: 'صغير', medium: 'متوسط', large: 'كبير', largest: 'الأكبر' },
    motion: 'حركة أقل',
    motionAbout: 'لا شيء ينزلق أو يتلاشى. وإن طلب النظام حركة أقل فله ذلك في كل حال.',
  },
  language: {
    label: 'اللغة',
    about: 'الكلمات والأرقام والتواريخ واتجاهها. أما المحادثات فتبقى كما هي.',
    system: 'كما في النظام',
  },
  sending: {
    ask: 'السؤال مجددًا قبل الدور المكلف',
    askAbout: 'الضغطة الأولى تعرض السعر مرة أخرى، والثانية ترسل',
    above: 'السؤال إذا زاد على',
  },
  keyboard: {
    letters: 'مفاتيح الحرف الواحد على الدور',
    lettersAbout: 'R لإعادة المحاولة، وE للتعديل، وY للنسخ، ما دام التركيز على دور',
    all: 'كل المفاتيح',
    show: 'عرض',
  },
  data: {
    folder: 'على هذا الحاسوب',
    copyPath: 'نسخ المسار',
    copied: 'نُسخ المسار',
    about: 'المحادثات والصور ودفتر الحسابات في مجلد واحد. لا توجد فيه مفاتيح أبدًا.',
  },
  studio: {
    doors: {
      simulated: {
        name: 'استوديو التجربة',
        about: 'مزوّدون بدلاء مدمجون ونقاط تجريبية. لا شيء يُفوتر، ولا شيء يغادر هذا الحاسوب.',
      },
      own_keys: {
        name: 'على هذا الحاسوب',
        about: 'يعمل الاستوديو داخل هذه النافذة بمفاتيح مزوّديك.',
      },
      remote: { name: 'خادم الاستوديو', about: '' },
    },
    connected: 'متصل',
    catchingUp: 'يلحق بالجديد',
    offline: 'غير متصل',
    offlineSince: (moment) => `غير متصل منذ ${moment}`,
    change: 'تغيير الاستوديو',
    changeAbout: 'يعود إلى الشاشة الأولى. لا شيء يُحذف.',
    changeDo: 'تغيير',
  },
  about: {
    version: (version) => `الإصدار ${version}. مرخّص بموجب MIT أو Apache-2.0.`,
    madeWith: 'صُنع باستخدام',
    madeWithAbout: 'أعمال آخرين في هذه النافذة، كلٌّ برخصته',
    read: 'قراءة',
    licenceOf: (name) => `رخصة ${name}`,
  },
} satisfies Words['settings'];
