// A studio's state, opened on a fake studio as the window does.
import { Studio } from '../src/state/studio.svelte';
import { conversation, FakeStudio, turn } from './fake-host';
import { World } from './world';

/** One conversation of two turns, of which the second is shown. */
export function ofTwoTurns(): FakeStudio {
  const fake = new FakeStudio();
  fake.conversations = [conversation('c1', 'One', 0, 0)];
  fake.turns = [turn('a'), turn('b', { parent_id: 'a' })];
  fake.selectedLeaf = 'b';
  return fake;
}

export async function opened(fake: FakeStudio, overrides: ConstructorParameters<typeof World>[1] = {}) {
  const world = new World(fake, overrides);
  const studio = new Studio(world, (mime) => `blob:${mime}`);
  await studio.start();
  return { world, studio };
}
