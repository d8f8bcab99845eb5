/** What the draft would cost on every model. */
import type { ModelQuote } from '$/bindings/ModelQuote';
import type { Quote } from '$/bindings/Quote';
import type { QuoteRequest } from '$/bindings/QuoteRequest';
import type { Saver } from '$/bindings/Saver';
import type { WireError } from '$/bindings/WireError';
import type { Environment } from './environment';
import { Newest } from './newest.svelte';

export type QuotedDraft = Omit<QuoteRequest, 'revision'>;

export class Quoting {
  readonly #newest: Newest<QuotedDraft, Quote>;
  #draft: QuotedDraft | null = null;
  #saversOf: string | null = null;

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

  /** The draft changed; null means there is nothing to price. `anew`: no price of before holds for it. */
  change(draft: QuotedDraft | null, anew?: boolean): void {
    this.#draft = draft;
    this.#newest.change(draft && this.#saversOf !== null ? { ...draft, savers_of: this.#saversOf } : draft, anew);
  }

  /** When the newest draft has its prices, or cannot have any. */
  settled(): Promise<void> {
    return this.#newest.settled();
  }

  /** What would make a model cheaper; empty until that was asked. */
  saversOf(modelId: string): readonly Saver[] {
    const savers = this.#newest.answer?.savers;
    return savers?.model_id === modelId ? savers.savers : [];
  }

  /** Asks for a model's savers with every price from now on; null asks for none. */
  askSaversOf(modelId: string | null): void {
    if (this.#saversOf === modelId) return;
    this.#saversOf = modelId;
    if (modelId !== null && this.#draft !== null) this.change(this.#draft);
  }

  /** Prices or the pool changed: the same draft is priced again. */
  again(): void {
    this.#newest.again();
  }
}
