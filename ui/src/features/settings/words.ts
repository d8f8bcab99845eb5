/** What the settings say about a provider's key. */
import type { ProviderKeyState } from '$/bindings/ProviderKeyState';
import { wording } from '$/host/wording';
import { count } from '$/lib/amounts';
import { t } from '$/text/words.svelte';

export interface Standing {
  readonly words: string;
  readonly look: 'plain' | 'have' | 'stop';
}

/** Two sentences of the catalogue, one after the other. */
const both = (first: string, second: string): string => `${first} ${second}`;

export function keyState(key: ProviderKeyState): Standing {
  const words = t().settings.providers;
  switch (key.kind) {
    case 'none':
      return { words: words.none, look: 'plain' };
    case 'simulated':
      return { words: words.standIn, look: 'plain' };
    case 'verified': {
      const where = words.kept[key.kept ?? 'operator'];
      const listed = key.models === null ? null : words.listed(key.models, count(key.models));
      return { words: listed === null ? where : both(where, listed), look: 'have' };
    }
    case 'unverified':
      if (key.reason === 'provider_key_rejected') return { words: words.refused, look: 'stop' };
      if (key.reason !== null) return { words: wording({ code: key.reason }).sentence, look: 'stop' };
      return {
        words: key.kept === null ? words.kept.operator : both(words.kept[key.kept], words.unchecked),
        look: 'plain',
      };
  }
}
