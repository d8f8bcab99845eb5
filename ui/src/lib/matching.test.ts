// Names are found by the starts of their words, whatever the language.
import { expect, it } from 'vitest';
import { matches } from './matching';

it('every word typed begins a word of the name', () => {
  expect(matches('Go to Settings', 'set')).toBe(true);
  expect(matches('Go to Settings', 'SET go')).toBe(true);
  expect(matches('Go to Settings', 'ettings')).toBe(false);
  expect(matches('Go to Settings', 'set usage')).toBe(false);
  expect(matches('Anything', '  ')).toBe(true);
});

it('accents and vowel signs are no obstacle', () => {
  expect(matches('Größerer Text', 'grosse')).toBe(false);
  expect(matches('Größerer Text', 'groß')).toBe(true);
  expect(matches('Größerer Text', 'groß')).toBe(true);
  expect(matches('مُحادَثة جديدة', 'محادثة')).toBe(true);
});
