/** Hands a stored file to the person: the browser, or the shell's window, asks where to. */
import type { Attachment } from '$/bindings/Attachment';
import type { Assets } from '$/state/assets.svelte';

export async function saveAsset(assets: Assets, file: Attachment): Promise<void> {
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
