// The price that is shown is the price of what is sent, whatever else was sent below meanwhile.
import { beforeEach, expect, it } from 'vitest';
import type { Session } from '$/bindings/Session';
import type { TurnView } from '$/bindings/TurnView';
import { conversation, FakeStudio, quoteOf, session, turn } from '../../test/fake-host';
import { deferred, settle, World } from '../../test/world';
import { Studio } from './studio.svelte';

const LONG = 40_000;

let fake: FakeStudio;
let world: World;
let studio: Studio;

const following = (id: string, parent: string, more: Partial<TurnView> = {}) =>
  turn(id, { parent_id: parent, ...more });
const running = { phase: { kind: 'running', held: 24_000, spent_so_far: 0 }, sequence: 1 } as const;
const parents = () => world.host.asked('quote').map(({ parent_id }) => parent_id);

/** What this window hears once another has sent below what is shown here. */
async function anotherSends(sent: TurnView) {
  fake.turns = [...fake.turns.filter(({ id }) => id !== sent.id), sent];
  world.host.emit({ kind: 'history', conversation_ids: ['c1'] });
  await settle();
}

async function start(overrides: ConstructorParameters<typeof World>[1] = {}) {
  world = new World(fake, {
    // Whatever follows c is dear.
    quote: ({ revision, parent_id }) => ({
      revision,
      available: fake.balance.available,
      models: [quoteOf('opus', parent_id === 'c' ? LONG : 9_000)],
    }),
    ...overrides,
  });
  studio = new Studio(world, () => 'blob:');
  await studio.start();
  await studio.openConversation('c1');
  studio.composer.write('And then?');
  await world.frame();
}

beforeEach(async () => {
  fake = new FakeStudio();
  fake.conversations = [conversation('c1', 'One', 0, 0)];
  fake.turns = [turn('a'), following('b', 'a'), following('b2', 'a')];
  fake.selectedLeaf = 'b';
  fake.session.settings.ask_above = 10_000;
  await start();
});

it('is asked anew below what another window sent, and nothing is sent until it came', async () => {
  expect(studio.composer.phase).toMatchObject({ kind: 'ready', quote: { likely: 9_000 } });
  await anotherSends(following('c', 'b'));
  expect(studio.composer.phase.kind).toBe('pricing');
  expect(await studio.composer.send()).toBeNull();
  await world.frame();
  expect(parents()).toEqual(['b', 'c']);
  expect(studio.composer.phase).toMatchObject({ kind: 'ready', quote: { likely: LONG } });
  expect(await studio.composer.send()).toBeNull();
  expect(studio.composer.phase.kind).toBe('asking');
  expect(world.host.asked('turn_send')).toEqual([]);
});

it('that was asked about is no answer to another', async () => {
  await anotherSends(following('c', 'b'));
  await world.frame();
  await studio.composer.send();
  expect(studio.composer.phase.kind).toBe('asking');
  await studio.thread.select('b2');
  await world.frame();
  expect(parents().at(-1)).toBe('b2');
  expect(studio.composer.phase.kind).toBe('ready');
});

it('holds while nothing changed below, and is not asked for again', async () => {
  await anotherSends(following('d', 'b2'));
  expect(studio.composer.phase.kind).toBe('ready');
  await world.frame();
  expect(parents()).toEqual(['b']);
});

it('that comes too late, for what was followed before, is not taken', async () => {
  const late = deferred<number>();
  await start({
    quote: async ({ revision, parent_id }) => {
      const likely = parent_id === 'c' ? LONG : await late.promise;
      return { revision, available: fake.balance.available, models: [quoteOf('opus', likely)] };
    },
  });
  await anotherSends(following('c', 'b'));
  late.resolve(9_000);
  await settle();
  expect(studio.composer.phase.kind).toBe('pricing');
  await world.frame();
  expect(studio.composer.phase).toMatchObject({ kind: 'ready', quote: { likely: LONG } });
});

it('of an answer that is still being written is shown, but nothing is sent below it before its end', async () => {
  await anotherSends(following('c', 'b', running));
  await world.frame();
  expect(studio.composer.phase).toMatchObject({ kind: 'waiting', quote: { likely: LONG } });
  expect(await studio.composer.send()).toBeNull();
  const before = parents().length;
  await anotherSends(following('c', 'b'));
  expect(studio.composer.phase.kind).toBe('pricing');
  await world.frame();
  expect(parents().slice(before)).toEqual(['c']);
  expect(studio.composer.phase.kind).toBe('ready');
});

it('of several models is asked anew as well', async () => {
  studio.composer.compareWith('haiku');
  await world.frame();
  expect(studio.comparison.quote).not.toBeNull();
  await anotherSends(following('c', 'b', running));
  expect(studio.comparison.quote).toBeNull();
  await world.frame();
  expect(studio.comparison.quote).not.toBeNull();
  // Once more for a dear one; neither sends while that is written.
  for (let presses = 0; presses < 2; presses += 1) expect(await studio.composer.compare()).toBe(false);
  expect(world.host.asked('compare_send')).toEqual([]);
});

it('is looked at first when another window was quicker than a message that was to go by itself', async () => {
  const connected = (connection: 'offline' | 'online'): Session => {
    const error = { code: 'server_unreachable' as const, message: '' };
    const how = connection === 'online' ? { kind: connection } : { kind: connection, since: null, error };
    return session({ phase: { kind: 'ready', door: { kind: 'own_keys' }, connection: how } });
  };
  fake.session = connected('offline');
  await start();
  studio.composer.queue(true);
  await anotherSends(following('c', 'b'));
  world.host.emit({ kind: 'session', session: connected('online') });
  await world.frame();
  await world.frame();
  expect(world.host.asked('turn_send')).toEqual([]);
  expect(studio.composer).toMatchObject({ queued: false, text: 'And then?' });
});
