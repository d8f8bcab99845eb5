/** The models of the rate card in force. */
import type { ModelView } from '$/bindings/ModelView';
import type { Environment } from './environment';

export const isCallable = (model: ModelView): boolean => model.offer === 'offered' || model.offer === 'simulated';

export class Catalogue {
  readonly #world: Environment;
  #models = $state.raw<readonly ModelView[]>([]);

  constructor(world: Environment) {
    this.#world = world;
  }

  get models(): readonly ModelView[] {
    return this.#models;
  }

  readonly byId: ReadonlyMap<string, ModelView> = $derived(new Map(this.#models.map((model) => [model.id, model])));

  async load(): Promise<void> {
    this.#models = (await this.#world.host.call('model_list', {})).models;
  }

  forget(): void {
    this.#models = [];
  }

  /** The chosen model where it can be called, else the first one that can. */
  preferred(modelId: string | null): ModelView | null {
    const chosen = modelId === null ? undefined : this.byId.get(modelId);
    if (chosen && isCallable(chosen)) return chosen;
    return this.#models.find(isCallable) ?? chosen ?? this.#models[0] ?? null;
  }
}
