/** Words more than one room uses. */
export const common = {
  cancel: 'Cancel',
  close: 'Close',
  back: 'Back',
  retry: 'Try again',
  undo: 'Undo',
  simulated: 'simulated',
  /** The product's name; the same everywhere. */
  product: 'Any AI Studio',
};
