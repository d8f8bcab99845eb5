/** Die Liste der Unterhaltungen. */
import { figure as number, plural } from '../plural';
import type { Words } from '../words.svelte';

export const conversations = {
  title: 'Unterhaltungen',
  all: 'Alle Unterhaltungen',
  create: 'Neue Unterhaltung',
  none: 'Hier stehen deine Unterhaltungen, die neueste zuerst, jede mit dem, was sie gekostet hat.',
  older: 'Ältere zeigen',
  name: 'Name der Unterhaltung',
  turns: (count) =>
    plural('de', count, { one: `${number('de', count)} Runde`, other: `${number('de', count)} Runden` }),
  writing: 'Schreibt',
  charged: 'berechnet',
  credits: 'Credits',
  rename: 'Umbenennen',
  remove: 'Löschen',
  options: (title) => `Optionen für ${title}`,
} satisfies Words['conversations'];
