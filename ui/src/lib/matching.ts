/** Finding a name by what a person types: every word from the start of one of the name's, accents and case aside. */

const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLocaleLowerCase();

const words = (text: string): string[] =>
  plain(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** Whether `name` is meant by `query`; an empty query means every name. */
export function matches(name: string, query: string): boolean {
  const parts = words(name);
  return words(query).every((word) => parts.some((part) => part.startsWith(word)));
}
