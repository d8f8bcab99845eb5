/** Formulas in markdown: where they begin and end. They are drawn later, so that a page without any loads nothing. */
import type { MarkedExtension, TokenizerExtension, Tokens } from 'marked';

const BLOCK = /^(?:\$\$([^]+?)\$\$|\\\[([^]+?)\\\])[ \t]*(?:\n+|$)/;
/** One that has begun and not ended: it takes what follows, like a code block, so that a stream never splits it. */
const OPEN_BLOCK = /^(?:\$\$|\\\[)[ \t]*\n([^]*)$/;
/** A dollar before a figure is a price: no space inside the dollars, no digit after them. */
const INLINE = /^(?:\$\$([^$\n]+?)\$\$|\$(?!\s)((?:\\.|[^\\$\n])+?)(?<!\s)\$(?!\d)|\\\(([^\n]+?)\\\))/;

const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const tex = (found: RegExpExecArray): string => (found.slice(1).find((each) => each !== undefined) ?? '').trim();

const block: TokenizerExtension = {
  name: 'mathBlock',
  level: 'block',
  start: (text) => /\n(?:\$\$|\\\[)/.exec(text)?.index,
  tokenizer(text) {
    const found = BLOCK.exec(text) ?? OPEN_BLOCK.exec(text);
    return found ? { type: 'mathBlock', raw: found[0], text: tex(found) } : undefined;
  },
};

const inline: TokenizerExtension = {
  name: 'math',
  level: 'inline',
  start: (text) => /\$|\\\(/.exec(text)?.index,
  tokenizer(text) {
    const found = INLINE.exec(text);
    return found ? { type: 'math', raw: found[0], text: tex(found), display: found[1] !== undefined } : undefined;
  },
};

const shown = (token: Tokens.Generic, display: boolean): string =>
  `<span class="math" data-math="${display ? 'block' : 'inline'}">${escape(String(token['text']))}</span>`;

export const math: MarkedExtension = {
  extensions: [
    { ...block, renderer: (token) => `<div class="formula">${shown(token, true)}</div>` },
    { ...inline, renderer: (token) => shown(token, token['display'] === true) },
  ],
};
