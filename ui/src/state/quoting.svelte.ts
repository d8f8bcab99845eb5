/** What the draft would cost on every model. */
import type { ModelQuote } from '$/bindings/ModelQuote';
import type { Quote } from '$/bindings/Quote';
import type { QuoteRequest } from '$/bindings/QuoteRequest';
import type { WireError } from '$/bindings/WireError';
import type { Environment } from './environment';
import { Newest } from './newest.svelte';

export type QuotedDraft = Omit<QuoteRequest, 'revision'>;

export class Quoting {
  readonly #newest: Newest<QuotedDraft, Quote>;

  constructor(world: Environment) {
    this.#newest = new Newest(world, (draft, revision) => world.host.call('quote', { ...draft, revision }));
  }

  get quote(): Quote | null {
    return this.#newest.answer;
  }

  get error(): WireError | null {
    return this.#newest.error;
  }

  readonly byModel: ReadonlyMap<string, ModelQuote> = $derived.by(
    () => new Map((this.#newest.answer?.models ?? []).map((quote) => [quote.model_id, quote])),
  );

  /** The draft changed; null means there is nothing to price. */
  change(draft: QuotedDraft | null): void {
    this.#newest.change(draft);
  }

  /** Prices or the pool changed: the same draft is priced again. */
  again(): void {
    this.#newest.again();
  }
}
