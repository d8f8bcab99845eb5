/** What each action on a made turn would cost: another like it, or the final of a draft. Asked for when it is shown. */
import { SvelteMap } from 'svelte/reactivity';
import type { Media } from '$/bindings/Media';
import type { MediaModelQuote } from '$/bindings/MediaModelQuote';
import type { TurnView } from '$/bindings/TurnView';
import type { Environment } from './environment';
import { finalOf } from './media-draft';

export type PricedAction = 'again' | 'final';

export class MediaPrices {
  readonly #world: Environment;
  readonly #known = new SvelteMap<string, MediaModelQuote | null>();

  constructor(world: Environment) {
    this.#world = world;
  }

  /** The quote of an action; null until it is known, or where it cannot be done any more. */
  of(action: PricedAction, turn: TurnView): MediaModelQuote | null {
    return this.#known.get(`${action} ${turn.id}`) ?? null;
  }

  async load(action: PricedAction, turn: TurnView): Promise<void> {
    const key = `${action} ${turn.id}`;
    const wanted = wantedBy(action, turn);
    if (!wanted || this.#known.has(key)) return;
    this.#known.set(key, null);
    try {
      const { modelId: model_id, media } = wanted;
      const asked = { revision: 1, media, parts: turn.prompt, model_id: null };
      const { models } = await this.#world.host.call('media_quote', asked);
      this.#known.set(key, models.find((quote) => quote.model_id === model_id) ?? null);
    } catch {
      this.#known.delete(key);
    }
  }

  /** Prices or the pool changed. */
  forget(): void {
    this.#known.clear();
  }
}

function wantedBy(action: PricedAction, turn: TurnView): { modelId: string; media: Media } | null {
  if (!turn.media) return null;
  return action === 'final' ? finalOf(turn.media) : { modelId: turn.model_id, media: turn.media };
}
