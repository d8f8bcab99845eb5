/**
 * Hands a stored file to the person. Where the program asks for a place itself it writes the file there and offers to
 * show it; a browser asks by itself, and keeps the place to itself.
 */
import type { Attachment } from '$/bindings/Attachment';
import type { Assets } from '$/state/assets.svelte';
import type { Studio } from '$/state/studio.svelte';
import { t } from '$/text/words.svelte';

export async function saveAsset(studio: Studio, assets: Assets, file: Attachment): Promise<void> {
  if (studio.transfers.picksFiles) return studio.attempt(() => write(studio, file));
  await assets.load(file.asset_id, 'whole');
  const url = assets.url(file.asset_id, 'whole');
  if (url === null) return;
  const link = document.createElement('a');
  link.href = url;
  link.download = file.name;
  document.body.append(link);
  link.click();
  link.remove();
}

/** Shows a file in its folder; null where only a browser has it. */
export function showAsset(studio: Studio, file: Attachment): (() => void) | null {
  const { transfers } = studio;
  return transfers.picksFiles ? () => void studio.attempt(() => transfers.show(file)) : null;
}

async function write(studio: Studio, file: Attachment): Promise<void> {
  const path = await studio.transfers.save(file);
  if (path === null) return;
  const reveal = () => void studio.attempt(() => studio.transfers.reveal(path));
  studio.toasts.show({ sentence: () => t().transfer.saved(file.name), reveal });
}
