/** Providers and their keys. A key passes through on its way to the keychain and is never kept here. */
import type { KeyKeeping } from '$/bindings/KeyKeeping';
import type { ProviderView } from '$/bindings/ProviderView';
import type { WireError } from '$/bindings/WireError';
import { commandError } from '$/host/host';
import type { Environment } from './environment';

export type KeyCheck =
  { readonly kind: 'idle' } | { readonly kind: 'checking' } | { readonly kind: 'failed'; readonly error: WireError };

const idle: KeyCheck = { kind: 'idle' };

export class Providers {
  readonly #world: Environment;
  #list = $state.raw<readonly ProviderView[]>([]);
  #checks = $state.raw<Readonly<Record<string, KeyCheck>>>({});

  constructor(world: Environment) {
    this.#world = world;
  }

  get list(): readonly ProviderView[] {
    return this.#list;
  }

  readonly anyUsable: boolean = $derived(this.#list.some(({ key }) => key.kind !== 'none'));

  check(provider: string): KeyCheck {
    return this.#checks[provider] ?? idle;
  }

  async load(): Promise<void> {
    this.#list = (await this.#world.host.call('provider_list', {})).providers;
  }

  forget(): void {
    this.#list = [];
    this.#checks = {};
  }

  /** True when the provider accepted the key and it was kept. */
  async setKey(provider: string, key: string, keep: KeyKeeping): Promise<boolean> {
    return this.#changing(provider, () =>
      this.#world.host.call('provider_key_set', { provider, key: key.trim(), keep }),
    );
  }

  async forgetKey(provider: string): Promise<boolean> {
    return this.#changing(provider, () => this.#world.host.call('provider_key_forget', { provider }));
  }

  async #changing(provider: string, change: () => Promise<ProviderView>): Promise<boolean> {
    this.#mark(provider, { kind: 'checking' });
    try {
      const view = await change();
      this.#list = this.#list.map((each) => (each.id === view.id ? view : each));
      this.#mark(provider, idle);
      return true;
    } catch (thrown) {
      this.#mark(provider, { kind: 'failed', error: commandError(thrown).wire });
      return false;
    }
  }

  #mark(provider: string, check: KeyCheck): void {
    this.#checks = { ...this.#checks, [provider]: check };
  }
}
