// Shortcuts on both families of keyboards.
import { expect, it } from 'vitest';
import { keyNames, pressed } from './keys';

const event = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

it('Mod is Control here and Command on a Mac', () => {
  expect(pressed(event('k', { ctrlKey: true }), 'Mod k', false)).toBe(true);
  expect(pressed(event('k', { metaKey: true }), 'Mod k', true)).toBe(true);
  expect(pressed(event('k', { ctrlKey: true }), 'Mod k', true)).toBe(false);
  expect(keyNames('Mod K', true)).toEqual(['⌘', 'K']);
  expect(keyNames('Mod Shift Space', false)).toEqual(['Ctrl', 'Shift', 'Space']);
});

it('further held keys make another shortcut', () => {
  expect(pressed(event('k', { ctrlKey: true, shiftKey: true }), 'Mod k', false)).toBe(false);
  expect(pressed(event('k'), 'Mod k', false)).toBe(false);
  expect(pressed(event('ArrowUp', { altKey: true }), 'Alt ArrowUp', false)).toBe(true);
});
