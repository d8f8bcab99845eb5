// Google's vocabulary: fetched when asked for, and what was heard wins over what was answered.
import { describe, expect, it } from 'vitest';
import type { Vocabulary as View } from '$/bindings/Vocabulary';
import { deferred, settle, World } from '../../test/world';
import { Vocabulary } from './vocabulary.svelte';

const view = (state: View['state']): View => ({
  url: 'https://example.org/v.tgz',
  terms_url: 'https://example.org/terms',
  download_bytes: 100,
  state,
});

describe('the vocabulary', () => {
  it('is fetched for a person who accepts its terms', async () => {
    const world = new World(undefined, { vocabulary_fetch: () => view({ kind: 'fetching', done_bytes: 0 }) });
    const vocabulary = new Vocabulary(world);
    expect(vocabulary.view).toBeNull();
    await vocabulary.download();
    expect(world.host.asked('vocabulary_fetch')).toEqual([{ accepts_terms: true }]);
    expect(vocabulary.view?.state).toEqual({ kind: 'fetching', done_bytes: 0 });
    vocabulary.receive(view({ kind: 'ready' }));
    expect(vocabulary.view?.state.kind).toBe('ready');
  });

  it('is stopped and removed when that is asked', async () => {
    const world = new World(undefined, {
      vocabulary_stop: () => view({ kind: 'absent' }),
      vocabulary_remove: () => view({ kind: 'absent' }),
    });
    const vocabulary = new Vocabulary(world);
    vocabulary.receive(view({ kind: 'fetching', done_bytes: 10 }));
    await vocabulary.stop();
    expect(vocabulary.view?.state.kind).toBe('absent');
    vocabulary.receive(view({ kind: 'ready' }));
    await vocabulary.remove();
    expect(vocabulary.view?.state.kind).toBe('absent');
    expect(world.host.calls.map(({ name }) => name)).toEqual(['vocabulary_stop', 'vocabulary_remove']);
  });

  it('what was heard before the answer came is kept', async () => {
    const answer = deferred<View>();
    const world = new World(undefined, { vocabulary_get: () => answer.promise });
    const vocabulary = new Vocabulary(world);
    const loading = vocabulary.load();
    await settle();
    vocabulary.receive(view({ kind: 'ready' }));
    answer.resolve(view({ kind: 'absent' }));
    await loading;
    expect(vocabulary.view?.state.kind).toBe('ready');
  });
});
