/** What comes in from other programs and what is taken out: one at a time, whoever began it. */
import type { Attachment } from '$/bindings/Attachment';
import type { ImportPlans } from '$/bindings/ImportPlans';
import type { Transfer } from '$/bindings/Transfer';
import type { WireError } from '$/bindings/WireError';
import { commandError } from '$/host/host';
import type { Environment } from './environment';

export class Transfers {
  readonly #world: Environment;
  #transfer = $state.raw<Transfer | null>(null);
  #handingOver = $state(false);
  #error = $state.raw<WireError | null>(null);
  #plans = $state.raw<ImportPlans | null>(null);
  #working = $state(false);
  /** Answers to an older studio are dropped. */
  #studio = 0;
  /** How often something was heard: it is newer than an answer that comes after it. */
  #heard = 0;

  constructor(world: Environment) {
    this.#world = world;
  }

  /** The one that runs, or the last. */
  get transfer(): Transfer | null {
    return this.#transfer;
  }

  /** Whether a file is on its way to the core. */
  get handingOver(): boolean {
    return this.#handingOver;
  }

  /** Why the last one could not begin. */
  get error(): WireError | null {
    return this.#error;
  }

  /** What imported conversations would have cost, once it was worked out. */
  get plans(): ImportPlans | null {
    return this.#plans;
  }

  get working(): boolean {
    return this.#working;
  }

  /** Whether the core asks for files; otherwise the window hands one over. */
  get picksFiles(): boolean {
    return this.#world.host.picksFiles;
  }

  readonly running: boolean = $derived(
    this.#handingOver || this.#transfer?.kind === 'importing' || this.#transfer?.kind === 'exporting',
  );

  async load(): Promise<void> {
    const studio = this.#studio;
    const { transfer } = await this.#world.host.call('transfer_get', {});
    if (studio === this.#studio) this.#transfer = transfer;
  }

  receive(transfer: Transfer | null): void {
    this.#heard += 1;
    this.#transfer = transfer;
    if (transfer?.kind === 'imported') this.#plans = null;
  }

  /** Brings in a file that the window holds, or one that the core asks for. */
  import(file: Blob | null): Promise<void> {
    return this.#begin(async () => {
      this.#handingOver = file !== null;
      const upload = file && (await this.#world.host.handOver(file));
      return this.#world.host.call('import_start', { upload });
    });
  }

  export(): Promise<void> {
    return this.#begin(() => this.#world.host.call('export_start', {}));
  }

  async stop(): Promise<void> {
    await this.#world.host.call('transfer_stop', {});
  }

  /** Writes a stored file where its person says; null when they thought better of it. */
  async save({ asset_id, name, bytes }: Attachment): Promise<string | null> {
    const { path } = await this.#world.host.call('asset_save', { asset_id, name, bytes });
    return path;
  }

  /** Shows a copy of a stored file among its person's pictures. */
  async show({ asset_id, name, bytes }: Attachment): Promise<void> {
    await this.#world.host.call('asset_show', { asset_id, name, bytes });
  }

  async reveal(path: string): Promise<void> {
    await this.#world.host.call('reveal', { path });
  }

  /** Prices what was imported on a model. */
  async workOut(modelId: string): Promise<void> {
    const studio = this.#studio;
    this.#working = true;
    try {
      const plans = await this.#world.host.call('import_plans', { model_id: modelId });
      if (studio === this.#studio) this.#plans = plans;
    } finally {
      this.#working = false;
    }
  }

  forget(): void {
    this.#studio += 1;
    this.#transfer = null;
    this.#error = null;
    this.#plans = null;
  }

  async #begin(start: () => Promise<{ transfer: Transfer | null }>): Promise<void> {
    this.#error = null;
    const heard = this.#heard;
    try {
      const { transfer } = await start();
      if (heard === this.#heard) this.#transfer = transfer;
    } catch (thrown) {
      this.#error = commandError(thrown).wire;
    } finally {
      this.#handingOver = false;
    }
  }
}
