/** The window-wide keyboard map. Keys of a part, like the picker's arrows, live with that part. */
import { pressed } from '$/kit/keys';
import type { Studio } from '$/state/studio.svelte';
import { focusComposer, focusedTurn, focusSearch, isNarrow, stepTurn } from './focus';

type Shortcut = readonly [keys: string, run: (studio: Studio) => void];

const shortcuts: readonly Shortcut[] = [
  ['Mod 1', ({ navigation }) => navigation.go('chat')],
  ['Mod ,', ({ navigation }) => navigation.go('settings')],
  ['Mod n', (studio) => void studio.attempt(() => studio.newConversation()).then(focusComposer)],
  ['Mod k', ({ navigation }) => search(navigation)],
  ['Mod f', ({ navigation }) => search(navigation)],
  ['Mod b', ({ navigation }) => navigation.togglePanel(isNarrow())],
  ['Mod m', ({ navigation }) => (navigation.layer === 'picker' ? navigation.close() : navigation.openPicker())],
  ['Mod r', showReceipt],
  ['Alt ArrowUp', () => stepTurn(-1)],
  ['Alt ArrowDown', () => stepTurn(1)],
];

function search(navigation: Studio['navigation']) {
  if (navigation.room !== 'chat') navigation.go('chat');
  if (isNarrow() && navigation.layer !== 'panel') navigation.togglePanel(true);
  if (!isNarrow() && !navigation.panelShown) navigation.togglePanel(false);
  focusSearch();
}

function showReceipt({ thread, receipts, navigation }: Studio) {
  const turnId = focusedTurn() ?? thread.last?.id ?? null;
  if (turnId === null) return;
  if (navigation.receiptOf === turnId) {
    navigation.showReceipt(null);
    return;
  }
  void receipts.load(turnId);
  navigation.showReceipt(turnId);
}

/** True when the key was one of ours. */
export function shortcut(event: KeyboardEvent, studio: Studio): boolean {
  if (studio.session.phase.kind !== 'ready') return false;
  for (const [keys, run] of shortcuts) {
    if (!pressed(event, keys)) continue;
    run(studio);
    return true;
  }
  if (event.key === 'Escape' && studio.navigation.layer === 'panel') {
    studio.navigation.close();
    return true;
  }
  return false;
}
