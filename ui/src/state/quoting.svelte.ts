/**
 * What the draft would cost on every model. One request is under way at a time and the newest draft wins: an answer
 * to an older draft is shown only while nothing newer has been answered.
 */
import type { ModelQuote } from '$/bindings/ModelQuote';
import type { Quote } from '$/bindings/Quote';
import type { QuoteRequest } from '$/bindings/QuoteRequest';
import type { WireError } from '$/bindings/WireError';
import { commandError } from '$/host/host';
import type { Environment } from './environment';

type Draft = Omit<QuoteRequest, 'revision'>;

export class Quoting {
  readonly #world: Environment;
  #quote = $state.raw<Quote | null>(null);
  #error = $state.raw<WireError | null>(null);
  #draft: Draft | null = null;
  #revision = 0;
  #asked = 0;
  #busy = false;
  #scheduled = false;

  constructor(world: Environment) {
    this.#world = world;
  }

  get quote(): Quote | null {
    return this.#quote;
  }

  get error(): WireError | null {
    return this.#error;
  }

  readonly byModel: ReadonlyMap<string, ModelQuote> = $derived(
    new Map((this.#quote?.models ?? []).map((quote) => [quote.model_id, quote])),
  );

  /** The draft changed; null means there is nothing to price. */
  change(draft: Draft | null): void {
    this.#draft = draft;
    this.#revision += 1;
    if (draft === null) {
      this.#quote = null;
      this.#error = null;
    }
    this.#schedule();
  }

  /** Prices or the pool changed: the same draft is priced again. */
  again(): void {
    if (this.#draft) this.change(this.#draft);
  }

  #schedule(): void {
    if (this.#scheduled || this.#busy || this.#draft === null) return;
    this.#scheduled = true;
    this.#world.onFrame(() => {
      this.#scheduled = false;
      void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    const draft = this.#draft;
    if (draft === null || this.#asked === this.#revision) return;
    const revision = this.#revision;
    this.#asked = revision;
    this.#busy = true;
    try {
      const quote = await this.#world.host.call('quote', { ...draft, revision });
      if (this.#draft !== null && quote.revision > (this.#quote?.revision ?? 0)) {
        this.#quote = quote;
        this.#error = null;
      }
    } catch (thrown) {
      if (this.#draft !== null) this.#error = commandError(thrown).wire;
    }
    this.#busy = false;
    if (this.#asked !== this.#revision) this.#schedule();
  }
}
