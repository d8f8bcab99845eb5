/** Receipts, read when one is opened. A receipt that has settled no longer changes. */
import type { Receipt } from '$/bindings/Receipt';
import type { WireError } from '$/bindings/WireError';
import { commandError } from '$/host/host';
import type { Environment } from './environment';

export type ReceiptPhase =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly receipt: Receipt }
  | { readonly kind: 'failed'; readonly error: WireError };

const loading: ReceiptPhase = { kind: 'loading' };

export class Receipts {
  readonly #world: Environment;
  #known = $state.raw<Readonly<Record<string, ReceiptPhase>>>({});

  constructor(world: Environment) {
    this.#world = world;
  }

  of(turnId: string): ReceiptPhase {
    return this.#known[turnId] ?? loading;
  }

  async load(turnId: string): Promise<void> {
    const known = this.#known[turnId];
    if (known?.kind === 'ready' && known.receipt.charged !== null) return;
    let phase: ReceiptPhase;
    try {
      phase = { kind: 'ready', receipt: await this.#world.host.call('receipt_get', { turn_id: turnId }) };
    } catch (thrown) {
      phase = { kind: 'failed', error: commandError(thrown).wire };
    }
    this.#known = { ...this.#known, [turnId]: phase };
  }
}
