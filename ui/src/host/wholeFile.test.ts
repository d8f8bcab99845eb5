// Part by part, and no further than anybody wants it.
import { expect, it } from 'vitest';
import { wholeFile } from './wholeFile';

const asked: number[] = [];
const part = async (from: number) => {
  asked.push(from);
  return { mime: 'video/mp4', total: 6, base64: btoa('abc') };
};

it('reads all parts in their order', async () => {
  asked.length = 0;
  const file = await wholeFile(part);
  expect([asked, file.type, await file.text()]).toEqual([[0, 3], 'video/mp4', 'abcabc']);
});

it('reads one part of a file that is too large', async () => {
  asked.length = 0;
  await expect(wholeFile(part, { bytesMax: 5 })).rejects.toThrow('larger');
  expect(asked).toEqual([0]);
});

it('stops when it is called off', async () => {
  asked.length = 0;
  const off = new AbortController();
  const reading = wholeFile(
    (from) => {
      off.abort(new Error('nobody looks'));
      return part(from);
    },
    { signal: off.signal },
  );
  await expect(reading).rejects.toThrow('nobody looks');
  expect(asked).toEqual([0]);
});
