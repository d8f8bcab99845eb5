/** The models that make pictures and clips. */
import type { MediaKind } from '$/bindings/MediaKind';
import type { MediaModelView } from '$/bindings/MediaModelView';
import type { Environment } from './environment';

export const isCallable = (model: { readonly offer: string }): boolean =>
  model.offer === 'offered' || model.offer === 'simulated';

export class MediaCatalogue {
  readonly #world: Environment;
  #models = $state.raw<readonly MediaModelView[]>([]);

  constructor(world: Environment) {
    this.#world = world;
  }

  readonly byId: ReadonlyMap<string, MediaModelView> = $derived(
    new Map(this.#models.map((model) => [model.id, model])),
  );

  ofKind(kind: MediaKind): readonly MediaModelView[] {
    return this.#models.filter(({ takes }) => takes.kind === kind);
  }

  async load(): Promise<void> {
    this.#models = (await this.#world.host.call('media_model_list', {})).models;
  }

  forget(): void {
    this.#models = [];
  }
}
