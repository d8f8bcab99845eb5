/** The form a language wants beside a number. */
type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

const rules = new Map<string, Intl.PluralRules>();

/** `plural('en', 3, { one: 'turn', other: 'turns' })` is `turns`. */
export function plural(locale: string, count: number, forms: Forms): string {
  const rule = rules.get(locale) ?? new Intl.PluralRules(locale);
  rules.set(locale, rule);
  return forms[rule.select(count)] ?? forms.other;
}

/** A whole number as the language writes it. */
export const figure = (locale: string, value: number): string => new Intl.NumberFormat(locale).format(value);
