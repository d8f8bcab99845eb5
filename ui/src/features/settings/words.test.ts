// What the settings say about a key.
import { expect, it } from 'vitest';
import { keyState } from './words';

it('says where a key is kept and what its provider listed', () => {
  expect(keyState({ kind: 'verified', kept: 'keychain', models: 9 })).toEqual({
    words: 'Kept in this computer’s keychain. 9 models listed.',
    look: 'have',
  });
  expect(keyState({ kind: 'verified', kept: null, models: null }).words).toBe('Kept by the server’s operator.');
  expect(keyState({ kind: 'verified', kept: 'session', models: null }).words).toBe('Kept until the studio closes.');
});

it('says why a key does not work', () => {
  expect(keyState({ kind: 'unverified', kept: 'keychain', reason: 'provider_key_rejected' })).toMatchObject({
    look: 'stop',
  });
  expect(keyState({ kind: 'unverified', kept: 'keychain', reason: null }).words).toContain('Not checked');
});
