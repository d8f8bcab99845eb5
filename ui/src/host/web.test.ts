// The token's way from the address to the tab, and nowhere else.
import { expect, it } from 'vitest';
import { takeToken } from './web';

function tab(url: string, stored: Record<string, string> = {}) {
  const shown = { url: '' };
  const token = takeToken(
    new URL(url),
    { replaceState: (_data, _unused, to) => void (shown.url = String(to)) },
    { getItem: (key) => stored[key] ?? null, setItem: (key, value) => void (stored[key] = value) },
  );
  return { token, shown: shown.url, stored };
}

it('is taken out of the address and kept for the tab', () => {
  const { token, shown, stored } = tab('http://127.0.0.1:4100/#token=abc');
  expect(token).toBe('abc');
  expect(shown).toBe('/');
  expect(Object.values(stored)).toEqual(['abc']);
});

it('survives a reload without it in the address', () => {
  const { stored } = tab('http://127.0.0.1:4100/#token=abc');
  expect(tab('http://127.0.0.1:4100/', stored).token).toBe('abc');
});

it('a new one replaces the old', () => {
  const { stored } = tab('http://127.0.0.1:4100/#token=abc');
  expect(tab('http://127.0.0.1:4100/#token=def', stored).token).toBe('def');
  expect(Object.values(stored)).toEqual(['def']);
});

it('is empty where there is none', () => expect(tab('http://127.0.0.1:4100/').token).toBe(''));
