/** Pictures between files, base64 and addresses the window may show. */
import { locale } from '$/text/words.svelte';

const CHUNK = 0x8000;

/** What the models read, and what the core accepts. */
export const PICTURE_TYPES = 'image/png,image/jpeg,image/webp,image/gif';

/** What may be attached: pictures, PDFs and text files. The core tells them by their bytes. */
export const FILE_TYPES = `${PICTURE_TYPES},application/pdf,text/*,.md,.csv,.json,.xml,.yaml,.yml,.toml,.log`;

const MIB = 1024 * 1024;

/** The largest file a message takes, a PDF, in bytes; others are held to less by the core. */
export const FILE_BYTES_MAX = 32 * MIB;

/** How many bytes a file of this type may have, as the core says it of those it was given. */
export function bytesMaxOf(type: string): number {
  if (type.startsWith('image/')) return 20 * MIB;
  return type.startsWith('text/') ? MIB : FILE_BYTES_MAX;
}

export async function base64Of(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(binary);
}

export function pictureUrl(mime: string, base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: mime }));
}

const written = (value: number, decimals: 0 | 1): string =>
  value.toLocaleString(locale(), { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

/** "84 kB", in the language's digits. */
export function fileSize(bytes: number): string {
  if (bytes < 1_000) return `${written(bytes, 0)} B`;
  if (bytes < 1_000_000) return `${written(bytes / 1_000, 0)} kB`;
  return `${written(bytes / 1_000_000, 1)} MB`;
}
