// The catalogues, sentence by sentence: the same keys, nothing empty that is not empty in English, and every value that
// English says is said in the others too.
import { describe, expect, it } from 'vitest';
import { ar } from './ar';
import { de } from './de';
import { en } from './en';
import { plural } from './plural';
import { fitting, language, locale, speak, t } from './words.svelte';

type Leaf = string | ((...values: never[]) => string);

function leaves(node: object, at = ''): [string, Leaf][] {
  return Object.entries(node).flatMap(([key, value]: [string, Leaf | object]) =>
    typeof value === 'object' ? leaves(value, `${at}${key}.`) : [[`${at}${key}`, value] as [string, Leaf]],
  );
}

/** Values nobody would write: whichever are said can be found again. */
const VALUES = ['⟨1⟩', '⟨2⟩', '⟨3⟩', '⟨4⟩', '⟨5⟩'];

const said = (sentence: Leaf, values: readonly unknown[]): string =>
  typeof sentence === 'string' ? sentence : sentence(...(values as never[]));

/** Whether the value at a place is said, as a text or as the number seven. */
const says = (sentence: Leaf, at: number): boolean =>
  said(sentence, VALUES).includes(VALUES[at]!) || /[7٧]/.test(said(sentence, VALUES.with(at, 7 as never)));

describe.each([
  ['German', de],
  ['Arabic', ar],
])('%s', (_, other) => {
  const theirs = new Map(leaves(other));

  it('has the sentences of English and no others', () => {
    const keys = leaves(en).map(([key]) => key);
    expect(keys.filter((key) => !theirs.has(key))).toEqual([]);
    expect([...theirs.keys()].filter((key) => !keys.includes(key))).toEqual([]);
  });

  it('says every value that English says', () => {
    const missing = leaves(en).filter(([key, sentence]) => {
      const their = theirs.get(key);
      if (their === undefined) return false;
      const unsaid = VALUES.filter((_, at) => says(sentence, at) && !says(their, at));
      return unsaid.length > 0 || (said(sentence, VALUES) === '') !== (said(their, VALUES) === '');
    });
    expect(missing.map(([key]) => key)).toEqual([]);
  });
});

it('speaks the last language asked for, in its manner', async () => {
  await Promise.all([speak('de'), speak('ar')]);
  expect([language(), t().common.cancel]).toEqual(['ar', ar.common.cancel]);
  expect(new Intl.NumberFormat(locale()).format(12)).toBe('١٢');
  await speak('en');
  expect(t()).toBe(en);
});

it('takes the first language of a person that there are words for', () => {
  expect(fitting(['fr-CH', 'de-CH', 'en'])).toBe('de');
  expect(fitting(['ar-SA'])).toBe('ar');
  expect(fitting(['fr'])).toBe('en');
});

it('counts in all six forms of Arabic', () => {
  const forms = { zero: 'z', one: 'o', two: 't', few: 'f', many: 'm', other: 'x' };
  expect([0, 1, 2, 3, 10, 11, 99, 100, 103, 111].map((count) => plural('ar', count, forms)).join('')).toBe(
    'zotffmmxfm',
  );
});
