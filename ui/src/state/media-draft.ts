/** What is to be made, as a person has put it together: pure, so that what is sent can be read off a test. */
import type { Attachment } from '$/bindings/Attachment';
import type { ImageKnobs } from '$/bindings/ImageKnobs';
import type { Media } from '$/bindings/Media';
import type { MediaKind } from '$/bindings/MediaKind';
import type { MediaModelView } from '$/bindings/MediaModelView';
import type { PromptPart } from '$/bindings/PromptPart';
import type { TurnView } from '$/bindings/TurnView';
import type { VideoKnobs } from '$/bindings/VideoKnobs';
import type { VideoTask } from '$/bindings/VideoTask';
import { isEnded } from './turns';

export type Knobs = Partial<Omit<ImageKnobs, 'mask'> & Omit<VideoKnobs, 'task' | 'first_frame' | 'last_frame'>>;

/** What the files of a prompt are for. */
export interface MediaFiles {
  readonly references: readonly Attachment[];
  readonly mask: Attachment | null;
  readonly first: Attachment | null;
  readonly last: Attachment | null;
  /** The clip that is changed or continued. */
  readonly source: { readonly clip: Attachment; readonly task: 'edit' | 'extend' } | null;
}

export type FileRole = 'reference' | 'mask' | 'first' | 'last';

export const noFiles: MediaFiles = { references: [], mask: null, first: null, last: null, source: null };

const defaults: ImageKnobs & VideoKnobs = {
  count: 1,
  size: null,
  aspect: null,
  quality: null,
  background: null,
  format: null,
  mask: null,
  task: 'text',
  seconds: 6,
  resolution: null,
  sound: null,
  seed: null,
  first_frame: null,
  last_frame: null,
};

/** Clips are made from what there is: another clip, a first frame, references, or words alone. */
export function taskOf(files: MediaFiles): VideoTask {
  if (files.source) return files.source.task;
  if (files.first) return 'image';
  return files.references.length > 0 ? 'reference' : 'text';
}

export function mediaOf(kind: MediaKind, knobs: Knobs, files: MediaFiles): Media {
  const all = { ...defaults, ...knobs };
  if (kind === 'image') {
    const { count, size, aspect, quality, background, format } = all;
    return { kind, count, size, aspect, quality, background, format, mask: files.mask?.asset_id ?? null };
  }
  const { seconds, resolution, aspect, sound, seed } = all;
  return {
    kind,
    task: taskOf(files),
    seconds,
    resolution,
    aspect,
    sound,
    seed,
    first_frame: files.source ? null : (files.first?.asset_id ?? null),
    last_frame: files.source ? null : (files.last?.asset_id ?? null),
  };
}

/** Only what the kind works from goes along: pictures set aside for another task cost nothing. */
export function partsOf(kind: MediaKind, prompt: string, files: MediaFiles): PromptPart[] {
  const pictures: (Attachment | null)[] =
    kind === 'image'
      ? [...files.references, files.mask]
      : files.source
        ? []
        : files.first
          ? [files.first, files.last]
          : [...files.references];
  const stored = pictures.filter((file) => file !== null);
  return [
    ...stored.map((file): PromptPart => ({ kind: 'image', ...file })),
    ...(kind === 'video' && files.source ? [{ kind: 'video' as const, ...files.source.clip }] : []),
    { kind: 'text', text: prompt },
  ];
}

export const promptOf = (turn: Pick<TurnView, 'prompt'>): string =>
  turn.prompt.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n\n');

/** The files of a turn, by what its knobs say they were for. */
export function filesOf({ prompt, media }: Pick<TurnView, 'prompt' | 'media'>): MediaFiles {
  const pictures = prompt.flatMap((part) => {
    if (part.kind !== 'image') return [];
    const { kind: _, ...file } = part;
    return [file];
  });
  const clips = prompt.flatMap((part) => {
    if (part.kind !== 'video') return [];
    const { kind: _, ...file } = part;
    return [file];
  });
  const named = (id: string | null | undefined) => pictures.find(({ asset_id }) => asset_id === id) ?? null;
  const first = media?.kind === 'video' ? named(media.first_frame) : null;
  const last = media?.kind === 'video' ? named(media.last_frame) : null;
  const mask = media?.kind === 'image' ? named(media.mask) : null;
  const clip = clips[0];
  const task = media?.kind === 'video' ? media.task : null;
  return {
    references: pictures.filter((file) => file !== first && file !== last && file !== mask),
    mask,
    first,
    last,
    source: clip && (task === 'edit' || task === 'extend') ? { clip, task } : null,
  };
}

/** The knobs of a turn, for another like it. */
export function knobsOf(media: Media): Knobs {
  if (media.kind === 'image') {
    const { kind: _, mask: __, ...knobs } = media;
    return knobs;
  }
  const { kind: _, task: __, first_frame: ___, last_frame: ____, draft_of: _____, ...knobs } = media;
  return knobs;
}

/** The same with the model's own defaults named, so that what was made can be read off it later. */
export function spelled(media: Media, { takes }: MediaModelView): Media {
  if (media.kind === 'image' && takes.kind === 'image')
    return { ...media, size: media.size ?? takes.sizes[0] ?? null, aspect: media.aspect ?? takes.aspects[0] ?? null };
  if (media.kind !== 'video' || takes.kind !== 'video' || media.task === 'edit' || media.task === 'extend')
    return media;
  const resolutions = media.task === 'reference' ? takes.reference_resolutions : takes.resolutions;
  return {
    ...media,
    resolution: media.resolution ?? resolutions[0] ?? null,
    aspect: media.aspect ?? takes.aspects[0] ?? null,
    sound: media.sound ?? takes.sound[0] ?? null,
  };
}

/** The final of a draft: the same prompt, frames and seed, as it was meant. */
export function finalOf(media: Media): { readonly modelId: string; readonly media: Media } | null {
  if (media.kind !== 'video' || !media.draft_of) return null;
  const { draft_of: meant, ...draft } = media;
  const { model_id: modelId, seconds, resolution, sound } = meant;
  return { modelId, media: { ...draft, seconds, resolution, sound } };
}

/** How far a draft's final is: of each draft that has one. What ended without a clip is none. */
export function finalsOf(turns: readonly TurnView[]): ReadonlyMap<string, 'making' | 'made'> {
  const drafts = new Map(turns.map((turn) => [turn.id, turn]));
  const finals = new Map<string, 'making' | 'made'>();
  for (const turn of turns) {
    const draft = turn.parent_id === null ? null : drafts.get(turn.parent_id);
    if (!draft?.media || !isFinalOf(draft.media, turn)) continue;
    if (turn.outputs.length > 0) finals.set(draft.id, 'made');
    else if (!isEnded(turn.phase) && !finals.has(draft.id)) finals.set(draft.id, 'making');
  }
  return finals;
}

/** Other turns go on from a draft too: one that continues or changes it, or another draft. */
function isFinalOf(draft: Media, { model_id, media }: TurnView): boolean {
  const meant = finalOf(draft);
  if (!meant || meant.media.kind !== 'video' || media?.kind !== 'video' || media.draft_of) return false;
  const { task, seconds, resolution, sound } = meant.media;
  return (
    model_id === meant.modelId &&
    media.task === task &&
    media.seconds === seconds &&
    media.resolution === resolution &&
    media.sound === sound
  );
}
