/** What the tiles of a turn of pictures show: each place is made, on its way, or ended without a picture. */
import type { Attachment } from '$/bindings/Attachment';
import type { TurnView } from '$/bindings/TurnView';
import type { WireError } from '$/bindings/WireError';
import type { Previews } from '$/state/media-feed.svelte';

export type Tile =
  | { readonly kind: 'made'; readonly file: Attachment }
  | { readonly kind: 'busy'; readonly preview: Attachment | null; readonly permille: number | null }
  /** `error` is null where only this one was declined. */
  | { readonly kind: 'ended'; readonly error: WireError | null }
  | { readonly kind: 'unknown' };

/** Whether files were taken out of a turn later cannot be told from here, so a settled turn shows what it has. */
export function tilesOf(turn: TurnView, previews: Previews): readonly Tile[] {
  const made = turn.outputs.map((file): Tile => ({ kind: 'made', file }));
  const asked = turn.media?.kind === 'image' ? turn.media.count : 1;
  const missing = Math.max(asked - made.length, 0);
  const { phase } = turn;
  const rest = (tile: (place: number) => Tile) =>
    Array.from({ length: missing }, (_, index) => tile(made.length + index));
  switch (phase.kind) {
    case 'sending':
      return [...made, ...rest(() => ({ kind: 'busy', preview: null, permille: null }))];
    case 'running':
      return [
        ...made,
        ...rest((place) => ({
          kind: 'busy',
          preview: previews.get(place) ?? null,
          permille: phase.job?.permille ?? null,
        })),
      ];
    case 'reconciling':
      return [...made, { kind: 'unknown' }];
    case 'failed':
    case 'refused':
      return [...made, { kind: 'ended', error: phase.error }];
    case 'settled':
      return phase.stop_reason === 'declined' || made.length === 0 ? [...made, { kind: 'ended', error: null }] : made;
  }
}
