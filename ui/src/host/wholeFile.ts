/** A stored file, read part by part. */
import type { AssetPart } from '$/bindings/AssetPart';

export interface Limits {
  readonly bytesMax?: number;
  readonly signal?: AbortSignal;
}

/** Fails on one that is larger, when its first part was read, and when it is called off. */
export async function wholeFile(part: (from: number) => Promise<AssetPart>, limits: Limits = {}): Promise<Blob> {
  const { bytesMax = Infinity, signal } = limits;
  const parts: BlobPart[] = [];
  let from = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { mime, total, base64 } = await part(from);
    if (total > bytesMax) throw new Error('the file is larger than what is read for this');
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    parts.push(bytes);
    from += bytes.length;
    if (from >= total || bytes.length === 0) return new Blob(parts, { type: mime });
  }
}
