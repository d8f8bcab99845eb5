/** The prompts a person keeps, read when they are first looked at. */
import type { SavedPrompt } from '$/bindings/SavedPrompt';
import type { Environment } from './environment';

export class Prompts {
  readonly #world: Environment;
  #list = $state.raw<readonly SavedPrompt[] | null>(null);

  constructor(world: Environment) {
    this.#world = world;
  }

  /** By name; null until they were read. */
  get list(): readonly SavedPrompt[] | null {
    return this.#list;
  }

  async load(): Promise<void> {
    this.#list = (await this.#world.host.call('prompt_list', {})).prompts;
  }

  async save(id: string | null, name: string, text: string): Promise<void> {
    await this.#world.host.call('prompt_save', { id, name, text });
    await this.load();
  }

  async remove(id: string): Promise<void> {
    await this.#world.host.call('prompt_delete', { id });
    await this.load();
  }

  forget(): void {
    this.#list = null;
  }
}
