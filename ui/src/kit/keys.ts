/** The keyboard as people press it: "Mod" is Command on a Mac and Control elsewhere. */

const isMac = typeof navigator !== 'undefined' && /mac/i.test(navigator.platform);

export const keyNames = (keys: string, mac = isMac): string[] =>
  keys.split(' ').map((key) => {
    if (key === 'Mod') return mac ? '⌘' : 'Ctrl';
    if (key === 'Shift') return mac ? '⇧' : 'Shift';
    return key;
  });

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** Whether an event is exactly these keys: "Mod k", "Alt ArrowUp", "Escape". */
export function pressed(event: Pressed, keys: string, mac = isMac): boolean {
  const parts = keys.split(' ');
  const key = parts.at(-1) ?? '';
  const has = (name: string) => parts.slice(0, -1).includes(name);
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  return (
    event.key.toLowerCase() === key.toLowerCase() &&
    mod === has('Mod') &&
    !other &&
    event.altKey === has('Alt') &&
    event.shiftKey === has('Shift')
  );
}
