/** Stored pictures as addresses the window can show. Each is read once. */
import type { Environment } from './environment';

export class Pictures {
  readonly #world: Environment;
  readonly #toUrl: (mime: string, base64: string) => string;
  #urls = $state.raw<Readonly<Record<string, string>>>({});
  readonly #asked = new Set<string>();

  constructor(world: Environment, toUrl: (mime: string, base64: string) => string) {
    this.#world = world;
    this.#toUrl = toUrl;
  }

  /** The picture's address; null until it was read, or when it cannot be. */
  url(assetId: string): string | null {
    return this.#urls[assetId] ?? null;
  }

  async load(assetId: string): Promise<void> {
    if (this.#asked.has(assetId)) return;
    this.#asked.add(assetId);
    try {
      const { mime, base64 } = await this.#world.host.call('attachment_read', { asset_id: assetId });
      this.#urls = { ...this.#urls, [assetId]: this.#toUrl(mime, base64) };
    } catch {
      // The picture's name and size still stand in its place; a later look asks again.
      this.#asked.delete(assetId);
    }
  }
}
