/**
 * The words of the window: one catalogue a language, the same shape in all of them, so that a sentence somebody forgot
 * does not compile. English comes with the window; another language is fetched when it is chosen. This is the lowest
 * layer: it knows no other, and every other may read it.
 */
import { en } from './en';

/** The same keys; any text under them, and functions of the same values. */
type Shape<T> = T extends (...values: infer V) => string
  ? (...values: V) => string
  : T extends string
    ? string
    : { readonly [K in keyof T]: Shape<T[K]> };

export type Words = Shape<typeof en>;
export type Language = 'en' | 'de' | 'ar';

/** How a language writes: its numbers and dates, and which way. */
interface Manner {
  readonly locale: string;
  readonly dir: 'ltr' | 'rtl';
  /** What the language calls itself. */
  readonly name: string;
}

export const manners: Readonly<Record<Language, Manner>> = {
  en: { locale: 'en-GB', dir: 'ltr', name: 'English' },
  de: { locale: 'de-DE', dir: 'ltr', name: 'Deutsch' },
  ar: { locale: 'ar-EG-u-ca-gregory-nu-arab', dir: 'rtl', name: 'العربية' },
};

const catalogues: Readonly<Record<Language, () => Promise<Words>>> = {
  en: async () => en,
  de: async () => (await import('./de')).de,
  ar: async () => (await import('./ar')).ar,
};

/** One for the life of the window. */
class Spoken {
  now = $state.raw<{ readonly words: Words; readonly language: Language }>({ words: en, language: 'en' });
  asked: Language = 'en';
}
const spoken = new Spoken();

/** The words in force. Read inside a component or a `$derived`, it follows the language. */
export const t = (): Words => spoken.now.words;

/** The language in force. */
export const language = (): Language => spoken.now.language;

/** Which way the language runs; a layer beside the page has to be told. */
export const direction = (): 'ltr' | 'rtl' => manners[spoken.now.language].dir;

/** What `Intl` is asked for in the language in force. */
export const locale = (): string => manners[spoken.now.language].locale;

/** Puts a language in force when its words are here; the last one asked for wins. */
export async function speak(next: Language): Promise<void> {
  spoken.asked = next;
  if (next === spoken.now.language) return;
  const words = await catalogues[next]();
  if (spoken.asked === next) spoken.now = { words, language: next };
}

/** The first language of a person's list that there are words for. */
export function fitting(wanted: readonly string[]): Language {
  const known = wanted.map((tag) => tag.toLowerCase().split('-')[0]).find((tag) => tag !== undefined && tag in manners);
  return (known as Language | undefined) ?? 'en';
}
