/** A turn as markdown, to be pasted elsewhere: who said what. */
import type { TurnView } from '$/bindings/TurnView';
import { filesOf, textOf } from '$/state/draft';

export function turnAsMarkdown(turn: TurnView, you: string): string {
  const files = filesOf(turn.prompt).map(({ name }) => `- ${name}`);
  const asked = [textOf(turn.prompt), files.join('\n')].filter(Boolean).join('\n\n');
  return `## ${you}\n\n${asked}\n\n## ${turn.model_label}\n\n${turn.text.trim()}\n`;
}
