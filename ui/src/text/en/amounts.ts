/** Credits and shares in words. `figure` is written already; `whole` is its value when it is a whole number. */
export const amounts = {
  /** Of a figure no one would count: "under 0.1". */
  under: (figure: string) => `under ${figure}`,
  /** "credit" only for exactly 1. */
  credits: (whole: number | null) => (whole === 1 ? 'credit' : 'credits'),
  practiceCredits: (whole: number | null) => (whole === 1 ? 'practice credit' : 'practice credits'),
  /** The unit of a price that no number stands beside. */
  creditsAlone: 'credits',
  neverMoreThan: (estimate: string, ceiling: string) => `${estimate}, never more than ${ceiling}`,
  /** For the ears: no dashes, no brackets. */
  spoken: (estimate: string, low: string, high: string, ceiling: string) =>
    `${estimate}, between ${low} and ${high}, never more than ${ceiling}`,
  percent: (figure: string) => `${figure}\u00a0%`,
};
