// Toasts come and go by themselves, wait while someone is on them, and take one thing back once.
import { beforeEach, expect, it } from 'vitest';
import { World } from '../../test/world';
import { Toasts } from './toasts.svelte';

let world: World;
let toasts: Toasts;

beforeEach(() => {
  world = new World();
  toasts = new Toasts(world);
});

const shown = () => toasts.list.map(({ sentence }) => sentence());

it('go after a while; what can be undone stays longer', async () => {
  toasts.show({ sentence: () => 'copied' });
  toasts.show({ sentence: () => 'deleted', undo: () => undefined });
  await world.pass(5_000);
  expect(shown()).toEqual(['deleted']);
  await world.pass(5_000);
  expect(shown()).toEqual([]);
});

it('wait while a person is on them, and count anew afterwards', async () => {
  toasts.show({ sentence: () => 'copied' });
  toasts.hold(true);
  await world.pass(60_000);
  toasts.show({ sentence: () => 'copied again' });
  await world.pass(60_000);
  expect(shown()).toEqual(['copied', 'copied again']);
  toasts.hold(false);
  await world.pass(5_000);
  expect(shown()).toEqual([]);
});

it('undo runs once, and the newest first', () => {
  const undone: string[] = [];
  toasts.show({ sentence: () => 'a', undo: () => undone.push('a') });
  toasts.show({ sentence: () => 'b', undo: () => undone.push('b') });
  toasts.show({ sentence: () => 'c' });
  const first = toasts.list[0]!.id;
  expect(toasts.canUndo).toBe(true);
  expect(toasts.undoLast()).toBe(true);
  expect(undone).toEqual(['b']);
  toasts.undo(first);
  toasts.undo(first);
  expect(undone).toEqual(['b', 'a']);
  expect([toasts.canUndo, toasts.undoLast()]).toEqual([false, false]);
});

it('show three at once; the oldest makes room', () => {
  for (const sentence of ['a', 'b', 'c', 'd']) toasts.show({ sentence: () => sentence });
  expect(shown()).toEqual(['b', 'c', 'd']);
});
