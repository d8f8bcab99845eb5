// Ways to begin: none spends, each leads to where its price stands.
import { beforeEach, expect, it, vi } from 'vitest';
import { FakeStudio, model } from '../../test/fake-host';
import { World } from '../../test/world';
import { Studio } from '$/state/studio.svelte';
import { startersOf } from './starters';

const focused = vi.hoisted(() => ({ chooseFiles: vi.fn(), focusComposer: vi.fn() }));
vi.mock('./focus', () => focused);

let fake: FakeStudio;
let studio: Studio;

async function start() {
  const world = new World(fake);
  studio = new Studio(world, (mime) => `blob:${mime}`);
  await studio.start();
  await world.frame();
}

const starter = (id: string) => startersOf(studio).find((each) => each.id === id);

beforeEach(async () => {
  fake = new FakeStudio();
  fake.models = [
    model('a1', 'A One', 'a', 'A'),
    model('a2', 'A Two', 'a', 'A'),
    model('b1', 'B One', 'b', 'B', { offer: 'no_key' }),
    model('b2', 'B Two', 'b', 'B'),
    model('c1', 'C One', 'c', 'C'),
    model('d1', 'D One', 'd', 'D'),
  ];
  await start();
});

it('a document is asked about in words that can be changed', () => {
  starter('document')!.run();
  expect(studio.composer.text).toMatch(/plain words/);
  expect(focused.chooseFiles).toHaveBeenCalled();
});

it('whoever writes has begun', () => {
  studio.composer.write('My own words');
  expect(startersOf(studio)).toEqual([]);
  studio.composer.write('');
  expect(startersOf(studio)).not.toEqual([]);
});

it('a comparison begins with the chosen model and one of each of two other providers', async () => {
  await studio.composer.choose('a2');
  starter('compare')!.run();
  expect(studio.comparison.modelIds).toEqual(['a2', 'b2', 'c1']);
  expect(focused.focusComposer).toHaveBeenCalled();
  expect(starter('compare'), 'it is under way').toBeUndefined();
});

it('where one provider can be called there is nothing to compare, and without any there is no way to begin', async () => {
  fake.models = fake.models.map((each) => ({ ...each, offer: each.provider === 'a' ? 'offered' : 'no_key' }));
  await start();
  expect(startersOf(studio).map(({ id }) => id)).toEqual(['document', 'image', 'video']);
  fake.models = fake.models.map((each) => ({ ...each, offer: 'no_key' }));
  await start();
  expect(startersOf(studio)).toEqual([]);
});

it.each(['image', 'video'] as const)('%s leads to its room and shows what one costs as it stands', (room) => {
  expect(starter(room)!.price).toMatch(/credit/);
  starter(room)!.run();
  expect(studio.navigation.room).toBe(room);
});
