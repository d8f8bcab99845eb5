// Which moves in the window are steps of Back and Forward.
import { expect, it } from 'vitest';
import { conversationOf, step, type Place } from './history';

const at = (room: Place['room'], conversation: string | null): Place => ({ room, conversation });

it('another room and another conversation are steps', () => {
  expect(step(at('chat', 'a'), at('settings', 'a'))).toBe('push');
  expect(step(at('chat', 'a'), at('chat', 'b'))).toBe('push');
  expect(step(at('chat', 'a'), at('chat', null))).toBe('push');
});

it('the same place is none, nor is the first', () => {
  expect(step(at('chat', 'a'), at('chat', 'a'))).toBe('stay');
  expect(step(null, at('chat', null))).toBe('replace');
});

it('what becomes of a new conversation is no place of its own', () => {
  expect(step(at('chat', null), at('chat', 'a'))).toBe('replace');
  expect(step(at('usage', 'a'), at('usage', null))).toBe('replace');
});

it('an entry of the history tells its conversation, and what is none of ours tells nothing', () => {
  expect(conversationOf(at('usage', 'a'))).toBe('a');
  expect(conversationOf(at('chat', null))).toBeNull();
  for (const state of [null, undefined, 'a', { conversation: 'a' }]) expect(conversationOf(state)).toBeNull();
});
