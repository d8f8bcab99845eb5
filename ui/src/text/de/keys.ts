/** Den Schlüssel eines Anbieters einsetzen. */
import type { Words } from '../words.svelte';

export const keys = {
  label: (provider) => `Schlüssel für ${provider}`,
  paste: (provider) => `Schlüssel für ${provider} einsetzen`,
  makeOneAt: 'Erstellen kannst du einen unter',
  locked:
    'Der Schlüsselbund dieses Computers ist gesperrt. Entsperre ihn und versuche es erneut, oder behalte den Schlüssel nur, bis das Studio schließt.',
  absent:
    'Auf diesem Computer läuft kein Schlüsselbund, und das Studio schreibt nie einen Schlüssel in eine Datei. Es kann ihn im Speicher behalten, bis es schließt; beim nächsten Mal setzt du ihn wieder ein.',
  failed:
    'Der Schlüsselbund hat einen Fehler gemeldet. Versuche es erneut, oder behalte den Schlüssel nur, bis das Studio schließt.',
  whereToKeep: 'Wo der Schlüssel aufbewahrt wird',
  inKeychain: 'Im Schlüsselbund',
  untilClosed: 'Bis das Studio schließt',
  checking: 'Wird geprüft',
  checkAndSave: 'Prüfen und sichern',
  checkAndUse: 'Prüfen und bis zum Schließen verwenden',
} satisfies Words['keys'];
