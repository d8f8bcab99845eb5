/** Settings in words. */
import type { Door } from '$/bindings/Door';
import type { ProviderKeyState } from '$/bindings/ProviderKeyState';
import { count } from '$/lib/amounts';
import { wording } from '$/host/wording';

export interface Standing {
  readonly words: string;
  readonly look: 'plain' | 'have' | 'stop';
}

const kept = { keychain: 'in this computer’s keychain', session: 'until the studio closes' } as const;

export function keyState(key: ProviderKeyState): Standing {
  switch (key.kind) {
    case 'none':
      return { words: 'No key yet. Its models are listed, but cannot be called.', look: 'plain' };
    case 'simulated':
      return { words: 'A stand-in answers. No key is needed.', look: 'plain' };
    case 'verified': {
      const where = key.kept === null ? 'Kept by the server’s operator' : `Kept ${kept[key.kept]}`;
      return {
        words: key.models === null ? `${where}.` : `${where}. ${count(key.models)} models listed.`,
        look: 'have',
      };
    }
    case 'unverified':
      if (key.reason === 'provider_key_rejected')
        return { words: 'The provider refused the key. Its models are paused until you paste another.', look: 'stop' };
      if (key.reason !== null) return { words: wording({ code: key.reason }).sentence, look: 'stop' };
      return {
        words:
          key.kept === null
            ? 'Kept by the server’s operator.'
            : `Kept ${kept[key.kept]}. Not checked since the studio started.`,
        look: 'plain',
      };
  }
}

export const doorName = (door: Door): string =>
  ({ simulated: 'Practice studio', own_keys: 'On this computer', remote: 'Studio server' })[door.kind];

export const doorAbout = (door: Door): string => {
  switch (door.kind) {
    case 'simulated':
      return 'Built-in stand-in providers and practice credits. Nothing is billed and nothing leaves this computer.';
    case 'own_keys':
      return 'The studio runs inside this window, with your own provider keys.';
    case 'remote':
      return door.url;
  }
};
