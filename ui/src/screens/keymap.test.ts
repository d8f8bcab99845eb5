// The keys of the window: each does one thing, and none is the system's or an input method's.
import { expect, it } from 'vitest';
import { parts, sheetLines, windowKeysOn } from './keymap';
import { rooms } from './rooms';

/** Put away, hide, quit, close, switch; the menu of a window; and what switches input methods. */
const taken = {
  mac: ['Mod m', 'Mod h', 'Mod q', 'Mod w', 'Mod Space', 'Mod Tab', 'Mod `', 'Alt Mod Space'],
  other: ['Mod w', 'Mod q', 'Alt F4', 'Alt Tab', 'Alt Space', 'Mod Space', 'Shift Space', 'Alt `', 'Mod .', 'Mod ;'],
};
/** Browsers never hand these to a page. */
const ofBrowsers = ['Mod n', 'Mod t', 'Mod w', 'Mod Shift n', 'Mod Shift t', 'Mod Shift w', 'Mod Tab'];

it.each([
  ['on a Mac', true, false, taken.mac],
  ['elsewhere', false, false, taken.other],
  ['in a browser on a Mac', true, true, [...taken.mac, ...ofBrowsers]],
  ['in a browser elsewhere', false, true, [...taken.other, ...ofBrowsers]],
] as const)('%s no key is the system’s, and none does two things', (_, mac, browser, system) => {
  const everywhere = [
    ...Object.values(windowKeysOn(mac, browser)),
    ...rooms.map(({ keys }) => keys),
    ...[...parts.window, ...parts.conversation].map(({ keys }) => keys),
  ];
  expect(everywhere.filter((keys) => (system as readonly string[]).includes(keys))).toEqual([]);
  expect(new Set(everywhere).size).toBe(everywhere.length);
});

it.each(['turn', 'picker', 'media'] as const)('in the place “%s” each key does one thing', (place) => {
  const keys = parts[place].map((line) => line.keys);
  expect(new Set(keys).size).toBe(keys.length);
});

it('the sheet shows what the window hears', () => {
  const shown = [...sheetLines('window'), ...sheetLines('conversation')].map(({ keys }) => keys);
  expect(shown).toEqual(expect.arrayContaining(Object.values(windowKeysOn(false, true))));
});
