/** Words more than one room uses. */
export const common = {
  cancel: 'Cancel',
  close: 'Close',
  retry: 'Try again',
};
