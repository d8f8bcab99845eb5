/** Variables in a saved prompt: `{{topic}}` is asked for before the prompt is used. */

const VARIABLE = /\{\{\s*([^{}\n]{1,60}?)\s*\}\}/g;

/** Their names in the order they are read, each once. */
export const variablesOf = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(VARIABLE)].map(([, name]) => name!)),
];

/** The text with each variable's value; one without a value stays as it is. */
export const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(VARIABLE, (whole, name: string) => (Object.hasOwn(values, name) && values[name]) || whole);
