// One at a time, the newest first, and nothing that nobody waits for any more.
import { expect, it } from 'vitest';
import { NewestFirst } from './newestFirst';

it('does what was asked for last first, and not what was called off', async () => {
  const queue = new NewestFirst();
  const begun: string[] = [];
  let end = (): void => undefined;
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((done) => (end = () => done(name)));
  };
  const off = new AbortController();
  const on = new AbortController().signal;
  const first = queue.do(work('first'), on);
  const second = queue.do(work('second'), on);
  const gone = queue.do(work('gone'), off.signal);
  const last = queue.do(work('last'), on);
  off.abort(new Error('nobody looks'));
  await expect(gone).rejects.toThrow('nobody looks');
  for (const [asked, name] of [
    [first, 'first'],
    [last, 'last'],
    [second, 'second'],
  ] as const) {
    expect(begun.at(-1)).toBe(name);
    end();
    expect(await asked).toBe(name);
    await Promise.resolve();
  }
  expect(begun).toEqual(['first', 'last', 'second']);
});

it('goes on after one that failed', async () => {
  const queue = new NewestFirst();
  const { signal } = new AbortController();
  await expect(queue.do(() => Promise.reject(new Error('no decoder')), signal)).rejects.toThrow('no decoder');
  expect(await queue.do(async () => 'next', signal)).toBe('next');
});
