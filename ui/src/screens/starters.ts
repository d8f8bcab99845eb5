/** Ways to begin a conversation that has no word yet. None of them spends: each leads to where its price stands. */
import { estimate, withUnit } from '$/lib/amounts';
import { isCallable } from '$/state/catalogue.svelte';
import type { Studio } from '$/state/studio.svelte';
import { t } from '$/text/words.svelte';
import { chooseFiles, focusComposer } from './focus';

const COMPARED = 3;

/** The chosen model and, of other providers, the first ones that can be called. */
function different({ catalogue, composer }: Studio): string[] {
  const seen = new Set([composer.model?.provider]);
  const others = catalogue.models.filter((model) => {
    if (!isCallable(model) || seen.has(model.provider)) return false;
    seen.add(model.provider);
    return true;
  });
  return others.slice(0, COMPARED - 1).map(({ id }) => id);
}

export function startersOf(studio: Studio) {
  const { composer, comparison, making, navigation, session } = studio;
  if (composer.phase.kind !== 'empty') return [];
  const words = t().chat.starters;
  const price = (kind: 'image' | 'video') => {
    const quote = making[kind].quote;
    return quote?.estimate ? withUnit(estimate(quote.estimate.likely), session.simulated) : null;
  };
  const others = comparison.isOn ? [] : different(studio);
  return [
    {
      id: 'document',
      label: words.document,
      icon: 'doc' as const,
      price: null,
      run: () => {
        composer.write(words.documentPrompt);
        chooseFiles();
      },
    },
    {
      id: 'image',
      label: words.image,
      icon: 'image' as const,
      price: price('image'),
      run: () => navigation.go('image'),
    },
    ...(others.length === 0
      ? []
      : [
          {
            id: 'compare',
            label: words.compare(others.length + 1),
            icon: 'compare' as const,
            price: null,
            run: () => {
              others.forEach((id) => composer.compareWith(id));
              focusComposer();
            },
          },
        ]),
    {
      id: 'video',
      label: words.video,
      icon: 'video' as const,
      price: price('video'),
      run: () => navigation.go('video'),
    },
  ];
}
