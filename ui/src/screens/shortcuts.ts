/** Hears the window-wide keys of the table. Keys of a part, like the picker's arrows, live with that part. */
import { pressed } from '$/kit/keys';
import type { Studio } from '$/state/studio.svelte';
import { heard } from './actions';
import { windowKeys } from './keymap';
import { rooms } from './rooms';

type WindowKey = keyof typeof windowKeys;

/** "?" where no text is written. */
const asksForKeys = (event: KeyboardEvent): boolean =>
  event.key === '?' &&
  !event.ctrlKey &&
  !event.metaKey &&
  !event.altKey &&
  !(event.target as Element).closest('input, textarea, [contenteditable]');

/** True when the key was one of ours. */
export function shortcut(event: KeyboardEvent, studio: Studio): boolean {
  const { session, navigation } = studio;
  if (session.phase.kind !== 'ready') return false;
  const room = rooms.find(({ keys }) => pressed(event, keys));
  const name = (Object.keys(windowKeys) as WindowKey[]).find((each) => pressed(event, windowKeys[each]));
  const letters = session.settings?.single_letter_keys ?? true;
  if (room) navigation.go(room.room);
  else if (name) heard[name](studio);
  else if (letters && asksForKeys(event)) heard.keys(studio);
  else if (event.key === 'Escape' && navigation.layer === 'panel') navigation.close();
  else return false;
  return true;
}
