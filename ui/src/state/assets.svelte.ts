/**
 * Stored files as addresses the window can show. Where the host makes an address out of a file's bytes, only the last
 * few hundred are kept, so that a long look through the library does not fill the memory.
 */
import { SvelteMap } from 'svelte/reactivity';
import type { AssetForm } from '$/bindings/AssetForm';
import type { Attachment } from '$/bindings/Attachment';
import type { Environment } from './environment';

const KEPT_MAX = 400;

/** A file, its small picture, or the first moment of a clip. */
type Shown = AssetForm | 'moment';

interface WayOut {
  readonly download: string | null;
  readonly take: ((picture: Uint8Array) => void) | null;
}

export class Assets {
  readonly #world: Environment;
  /** Null while one is on its way: a key that is not there would be looked for again with each one that comes. */
  readonly #urls = new SvelteMap<string, string | null>();
  readonly #asked = new Set<string>();

  constructor(world: Environment) {
    this.#world = world;
  }

  /** Whether clips are read as they play, rather than whole. */
  get streams(): boolean {
    return this.#world.host.streamsFiles;
  }

  /** The file's address; null until it is there, or when it cannot be read. */
  url(id: string, form: Shown): string | null {
    return this.#urls.get(`${form} ${id}`) ?? null;
  }

  /** How a file is dragged out into other programs: by the desktop's own drag, or by its address in a browser. */
  wayOut({ asset_id, name, bytes, mime }: Attachment): WayOut {
    const { desktop } = this.#world.host;
    const url = this.url(asset_id, 'whole') ?? this.url(asset_id, 'thumbnail');
    return {
      download: url && `${mime}:${name}:${url}`,
      take: desktop && ((picture) => desktop.dragOut({ asset_id, name, bytes }, picture)),
    };
  }

  async load(id: string, form: Shown): Promise<void> {
    const key = `${form} ${id}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    this.#urls.set(key, null);
    try {
      this.#urls.set(key, await (form === 'moment' ? this.#moment(id) : this.#world.host.fileUrl(id, form)));
      this.#trim();
    } catch {
      // Its name and size still stand in its place; a later look asks again.
      this.#asked.delete(key);
      this.#urls.delete(key);
    }
  }

  /** A clip that cannot be looked into has its sign. */
  #moment(id: string): Promise<string> {
    const { host } = this.#world;
    return host.firstMoment(id).catch(() => host.fileUrl(id, 'thumbnail'));
  }

  forget(): void {
    for (const key of [...this.#urls.keys()]) this.#release(key);
    this.#asked.clear();
  }

  #trim(): void {
    for (const key of this.#urls.keys()) {
      if (this.#urls.size <= KEPT_MAX) return;
      this.#release(key);
    }
  }

  #release(key: string): void {
    const url = this.#urls.get(key);
    this.#urls.delete(key);
    this.#asked.delete(key);
    if (url) this.#world.host.releaseFile(url);
  }
}
