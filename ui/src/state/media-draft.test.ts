// What is sent: the knobs, the files by what they are for, and a draft's final.
import { describe, expect, it } from 'vitest';
import type { Media } from '$/bindings/Media';
import type { TurnView } from '$/bindings/TurnView';
import { turn } from '../../test/fake-host';
import { asset, clip, mediaModels } from '../../test/fake-media';
import { filesOf, finalOf, finalsOf, knobsOf, mediaOf, noFiles, partsOf, spelled, taskOf } from './media-draft';

const fox = asset('fox');
const den = asset('den');

describe('a clip is made from what there is', () => {
  it('words alone, references, frames, or another clip', () => {
    expect(taskOf(noFiles)).toBe('text');
    expect(taskOf({ ...noFiles, references: [fox] })).toBe('reference');
    expect(taskOf({ ...noFiles, references: [fox], first: den })).toBe('image');
    expect(taskOf({ ...noFiles, first: den, source: { clip: clip('c'), task: 'extend' } })).toBe('extend');
  });

  it('only the files of its task go along', () => {
    const files = { ...noFiles, references: [fox], first: den };
    expect(partsOf('video', 'Run', files).map((part) => part.kind === 'image' && part.asset_id)).toEqual([
      'den',
      false,
    ]);
    expect(mediaOf('video', {}, files)).toMatchObject({ task: 'image', first_frame: 'den', last_frame: null });
    const extended = { ...files, source: { clip: clip('c'), task: 'extend' as const } };
    expect(partsOf('video', 'On', extended).map(({ kind }) => kind)).toEqual(['video', 'text']);
    expect(mediaOf('video', {}, extended)).toMatchObject({ task: 'extend', first_frame: null });
  });
});

it('a turn’s files come back to the places they were for', () => {
  const files = { ...noFiles, references: [fox], mask: den };
  const turn = { prompt: partsOf('image', 'A fox', files), media: mediaOf('image', { count: 2 }, files) };
  expect(filesOf(turn)).toEqual(files);
  expect(knobsOf(turn.media)).toMatchObject({ count: 2 });
  expect(knobsOf(turn.media)).not.toHaveProperty('mask');
});

it('defaults are named by the model', () => {
  const reel = mediaModels.find(({ id }) => id === 'reel')!;
  expect(spelled(mediaOf('video', {}, noFiles), reel)).toMatchObject({
    resolution: '480p',
    aspect: '16:9',
    sound: true,
  });
  const canvas = mediaModels.find(({ id }) => id === 'canvas')!;
  expect(spelled(mediaOf('image', { size: '1536x1024' }, noFiles), canvas)).toMatchObject({ size: '1536x1024' });
});

it('a final keeps prompt, frames and seed, and is as the draft meant it', () => {
  const draft: Media = {
    ...(mediaOf('video', { seed: 7, seconds: 4 }, { ...noFiles, first: fox }) as Media & { kind: 'video' }),
    draft_of: { model_id: 'reel', seconds: 8, resolution: '1080p', sound: true },
  };
  expect(finalOf(draft)).toEqual({
    modelId: 'reel',
    media: {
      kind: 'video',
      task: 'image',
      seconds: 8,
      resolution: '1080p',
      aspect: null,
      sound: true,
      seed: 7,
      first_frame: 'fox',
      last_frame: null,
    },
  });
  expect(finalOf(mediaOf('video', {}, noFiles))).toBeNull();
});

describe('the final of a draft', () => {
  const words = mediaOf('video', { seconds: 8, resolution: '1080p', sound: true }, noFiles) as Media & {
    kind: 'video';
  };
  const media: Media = {
    ...words,
    resolution: '480p',
    draft_of: { model_id: 'reel', seconds: 8, resolution: '1080p', sound: true },
  };
  const draft = turn('draft', { model_id: 'sketch', media });
  const final = finalOf(media)!;
  const child = (id: string, rest: Partial<TurnView>) =>
    turn(id, { parent_id: 'draft', model_id: final.modelId, media: final.media, ...rest });
  const none = { outputs: [] };
  const held = { kind: 'running', held: 1 } as TurnView['phase'];

  it('is on its way, then made', () => {
    expect(finalsOf([child('a', { ...none, phase: held }), draft]).get('draft')).toBe('making');
    expect(finalsOf([child('a', { outputs: [clip('c')] }), draft]).get('draft')).toBe('made');
  });

  it('is none where it ended without a clip, or where something else goes on from the draft', () => {
    const failed: TurnView['phase'] = { kind: 'failed', charged: 0, error: { code: 'internal', message: '' } };
    const others = [
      child('failed', { ...none, phase: failed }),
      child('again', { model_id: 'sketch', media, outputs: [clip('c')] }),
      child('continued', { media: { ...words, task: 'extend' }, outputs: [clip('d')] }),
    ];
    expect(finalsOf([...others, draft]).size).toBe(0);
  });
});
