/** Code that is being written: what came is added in pieces of whole lines, so that only the last is laid out again. */

/** Characters; the piece ends with the line that reaches it. */
const PIECE = 4_000;

function openPiece(code: HTMLElement): Text {
  const last = code.lastElementChild?.firstChild;
  if (last instanceof Text && !(last.length >= PIECE && last.data.endsWith('\n'))) return last;
  const piece = document.createElement('span');
  piece.className = 'piece';
  const text = document.createTextNode('');
  piece.append(text);
  code.append(piece);
  return text;
}

/** Brings what `code` shows up to `text`, which begins with what it shows. */
function add(code: HTMLElement, text: string): void {
  const shown = Number(code.dataset['shown'] ?? 0);
  for (let rest = text.slice(shown); rest !== '';) {
    const piece = openPiece(code);
    const end = rest.indexOf('\n', Math.max(0, PIECE - piece.length));
    const part = end < 0 ? rest : rest.slice(0, end + 1);
    piece.appendData(part);
    rest = rest.slice(part.length);
  }
  code.dataset['shown'] = String(text.length);
}

/** An attachment for a block whose code is still open. */
export const grow = (text: string | null) => (block: HTMLElement) => {
  const code = text === null ? null : block.querySelector<HTMLElement>('pre > code');
  if (code && text !== null) add(code, text);
};
