/** The form a language wants beside a number. */
type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

/** `plural('en', 3, { one: 'turn', other: 'turns' })` is `turns`. */
export function plural(locale: string, count: number, forms: Forms): string {
  return forms[new Intl.PluralRules(locale).select(count)] ?? forms.other;
}
