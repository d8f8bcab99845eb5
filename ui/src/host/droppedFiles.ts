/**
 * Files dropped on a page whose engine tells it no more than their address (WebKitGTK): the shell reads them, and the
 * page's own handlers hear of a drag with files, as in every other engine.
 */
interface DroppedFile {
  readonly name: string;
  readonly base64: string;
}

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  pdf: 'application/pdf',
  zip: 'application/zip',
  json: 'application/json',
};

export function hearDroppedFiles(ask: () => Promise<readonly DroppedFile[]>): void {
  for (const type of ['dragenter', 'dragover', 'drop'] as const)
    addEventListener(type, (event) => isAddressOfFiles(event) && void pass(event, ask), { capture: true });
}

/** A link that is dragged has its text too. */
function isAddressOfFiles({ dataTransfer }: DragEvent): boolean {
  const types = dataTransfer?.types ?? [];
  return types.includes('text/uri-list') && !types.includes('text/plain') && !types.includes('Files');
}

async function pass(event: DragEvent, ask: () => Promise<readonly DroppedFile[]>): Promise<void> {
  const { target } = event;
  event.preventDefault();
  event.stopImmediatePropagation();
  const files = event.type === 'drop' ? (await ask()).map(fileOf) : [new File([], 'file')];
  const dataTransfer = new DataTransfer();
  for (const file of files) dataTransfer.items.add(file);
  const { clientX, clientY } = event;
  target?.dispatchEvent(new DragEvent(event.type, { bubbles: true, cancelable: true, clientX, clientY, dataTransfer }));
}

function fileOf({ name, base64 }: DroppedFile): File {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const ending = name.split('.').at(-1)?.toLowerCase() ?? '';
  return new File([bytes], name, { type: TYPES[ending] ?? 'text/plain' });
}
