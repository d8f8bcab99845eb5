// The prompts a person keeps: read when they are wanted, and as they are after each change.
import { expect, it } from 'vitest';
import { World } from '../../test/world';
import { Prompts } from './prompts.svelte';

it('are read, kept, changed and removed', async () => {
  const world = new World();
  const prompts = new Prompts(world);
  expect(prompts.list).toBeNull();
  await prompts.load();
  const before = prompts.list!.length;
  await prompts.save(null, 'Plain words', 'Explain {{topic}}.');
  const kept = prompts.list!.find(({ name }) => name === 'Plain words')!;
  await prompts.save(kept.id, 'Plainer words', kept.text);
  expect(prompts.list).toHaveLength(before + 1);
  expect(prompts.list!.find(({ id }) => id === kept.id)?.name).toBe('Plainer words');
  await prompts.remove(kept.id);
  expect(prompts.list!.map(({ id }) => id)).not.toContain(kept.id);
  prompts.forget();
  expect(prompts.list).toBeNull();
});
