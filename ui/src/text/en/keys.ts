/** Pasting a provider's key. */
export const keys = {
  label: (provider: string) => `${provider} key`,
  paste: (provider: string) => `Paste your ${provider} key`,
  makeOneAt: 'Make one at',
  locked:
    'The keychain of this computer is locked. Unlock it and try again, or keep the key only until the studio closes.',
  absent:
    'This computer runs no keychain, and the studio never writes a key to a file. It can keep this one in memory until it closes; you would paste it again next time.',
  failed: 'The keychain answered with a fault. Try again, or keep the key only until the studio closes.',
  whereToKeep: 'Where to keep the key',
  inKeychain: 'In the keychain',
  untilClosed: 'Until the studio closes',
  checking: 'Checking',
  checkAndSave: 'Check and save',
  checkAndUse: 'Check and use until closed',
};
