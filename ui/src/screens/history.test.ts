// Which moves in the window are steps of Back and Forward, and where a page that is loaded again stands.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Studio } from '$/state/studio.svelte';
import { conversation, FakeStudio, turn } from '../../test/fake-host';
import { World } from '../../test/world';
import { note, placeOf, startAt, step, type Place } from './history';

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

describe('a page that is loaded again', () => {
  let studio: Studio;
  let entries: Place[];

  /** The window notes where it is as soon as it knows its door, and whenever that changes. */
  async function start(before: unknown) {
    entries = [];
    const kept = { state: before };
    const keep = (to: Place) => entries.push((kept.state = to) as Place);
    vi.stubGlobal('history', Object.assign(kept, { pushState: keep, replaceState: keep }));
    const fake = new FakeStudio();
    fake.conversations = [conversation('a', 'One', 0, 0)];
    fake.turns = [turn('t', { conversation_id: 'a' })];
    const balance_get = () => {
      note(placeOf(studio));
      return fake.balance;
    };
    studio = new Studio(new World(fake, { balance_get }), () => 'blob:');
    await startAt(before, studio);
    note(placeOf(studio));
  }

  afterEach(() => vi.unstubAllGlobals());

  it('stands in its room, its conversation behind it, and takes no step there', async () => {
    for (const room of ['usage', 'library', 'settings', 'chat'] as const) {
      await start(at(room, 'a'));
      expect(placeOf(studio)).toEqual(at(room, 'a'));
      expect(new Set(entries.map((place) => JSON.stringify(place)))).toEqual(new Set([JSON.stringify(at(room, 'a'))]));
    }
    await start(at('settings', null));
    expect(placeOf(studio)).toEqual(at('settings', null));
  });

  it('has a new conversation where the old one is gone', async () => {
    await start(at('chat', 'gone'));
    expect(studio.thread.phase.kind).toBe('fresh');
    studio.composer.write('Hello');
    expect(studio.composer.phase.kind).toBe('pricing');
    expect(entries).toEqual([at('chat', null)]);
  });

  it('starts in the chat when it was nowhere, or somewhere that is none of ours', async () => {
    for (const state of [null, undefined, 'a', { conversation: 'a' }]) {
      await start(state);
      expect(placeOf(studio)).toEqual(at('chat', null));
      expect(entries).toEqual([at('chat', null)]);
    }
  });
});
