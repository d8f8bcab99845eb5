/**
 * Every error code in words: what happened, and the one thing to do next. A new code without wording does not compile.
 * Sentences end with the money where money could be in doubt.
 */
import type { Bound } from '$/bindings/Bound';
import type { Code } from '$/bindings/Code';
import type { Detail } from '$/bindings/Detail';
import type { WireError } from '$/bindings/WireError';
import { count, estimate, left, withUnit } from '$/lib/amounts';
import { dayInProse } from '$/lib/times';

/** What a person can do about an error, as the screens offer it. */
export type Remedy = 'retry' | 'choose_model' | 'open_settings' | 'open_welcome' | 'shorten' | 'none';

export interface Wording {
  readonly sentence: string;
  readonly remedy: Remedy;
}

type Words = (detail: Detail | null) => Wording;

const words =
  (sentence: string, remedy: Remedy = 'none'): Words =>
  () => ({ sentence, remedy });

const withDetail =
  <K extends Detail['kind']>(
    kind: K,
    say: (detail: Extract<Detail, { kind: K }>) => string,
    otherwise: string,
    remedy: Remedy,
  ): Words =>
  (detail) => ({
    sentence: detail?.kind === kind ? say(detail as Extract<Detail, { kind: K }>) : otherwise,
    remedy,
  });

const seconds = (ms: number) => {
  const s = Math.max(1, Math.ceil(ms / 1_000));
  return s < 90 ? `${s} s` : `${Math.ceil(s / 60)} min`;
};

const provider = (after: string, otherwise: string, remedy: Remedy): Words =>
  withDetail(
    'provider',
    ({ provider: name, said }) => `${providerName(name)} ${after}${said ? ` It said: “${said}”` : ''}`,
    otherwise,
    remedy,
  );

const file = (after: string, otherwise: string): Words =>
  withDetail('file', ({ path }) => `${path} ${after}`, otherwise, 'none');

const whose: Record<Bound, string> = {
  pool: '',
  member: ' of your limit in this pool',
  day_envelope: ' in your envelope for the day',
  conversation_envelope: ' in your envelope for this conversation',
  work_envelope: ' in your envelope for this kind of work',
  frozen: ' while the pool is stopped',
  removed: ' for you in this pool',
};

const table: Record<Code, Words> = {
  insufficient_credits: withDetail(
    'shortfall',
    ({ needed, available, bound, resets_at }) =>
      `This turn could reach ${withUnit(estimate(needed))} and ${left(available)} are left${whose[bound]}` +
      `${resets_at === null ? '' : ` until ${dayInProse(resets_at)}`}, so it was not sent.`,
    'This turn does not fit the credits that are left, so it was not sent.',
    'choose_model',
  ),
  pool_frozen: words(
    'The pool takes no new turns just now. Nothing was sent and nothing was charged; ask whoever manages the pool.',
  ),
  member_removed: words(
    'You were taken out of this pool. Nothing was sent and nothing was charged; ask whoever manages the pool.',
  ),
  order_refused: words('That cannot be done as ordered. Nothing was changed.'),
  rate_card_changed: words(
    'Prices changed since the estimate was shown. Nothing was sent; look at the new price and send again.',
    'retry',
  ),
  turn_conflict: words(
    'This turn was already sent with other content. Nothing was sent twice; send it again as a new turn.',
    'retry',
  ),
  turn_not_found: words('This turn is not known here.'),
  turn_finished: words('This turn has already ended.'),
  conversation_not_found: words('This conversation is not on this computer any more.'),
  draft_empty: words('Write something or attach a picture first.'),
  draft_too_large: withDetail(
    'limit',
    ({ asked, limit }) =>
      `The message has ${count(asked)} bytes; a turn takes ${count(limit)}. Shorten it, or send it in parts.`,
    'The message is larger than a turn may be. Shorten it, or send it in parts.',
    'shorten',
  ),
  attachment_rejected: words(
    'That file is not a picture the models can read. PNG, JPEG, WebP and GIF work, up to 20 MB.',
  ),
  context_too_long: withDetail(
    'limit',
    ({ asked, limit }) =>
      `This conversation is longer than the model can read: ${count(asked)} tokens, and it reads ${count(limit)}. ` +
      'Choose a model that reads more, or start fresh.',
    'This conversation is longer than the model can read. Choose a model that reads more, or start fresh.',
    'choose_model',
  ),
  model_unknown: words('This model is not in the rate card, so it has no price here. Choose another.', 'choose_model'),
  model_unavailable: words(
    'This model has no key here. Choose another, or add the provider’s key in Settings.',
    'open_settings',
  ),
  plan_unknown: words('There is no such plan any more. Choose one of the plans shown.'),
  not_allowed: words('Only the owner of this studio may do that.'),
  token_rejected: words(
    'The studio server refused the access token. Paste it again, or ask its operator for a new one.',
    'open_welcome',
  ),
  no_studio: words('No studio is open yet.', 'open_welcome'),
  server_unreachable: words('The studio server does not answer. Reading and search work; your draft is kept.', 'retry'),
  server_not_a_studio: words(
    'Something answers at this address, but it is not a studio server this version understands. Check the address.',
  ),
  address_invalid: words('That is not a web address. It looks like https://studio.example.org.'),
  provider_key_rejected: provider(
    'refused the key.',
    'The provider refused the key. Paste it again in Settings.',
    'open_settings',
  ),
  provider_permission: provider(
    'does not allow this account to use the model.',
    'The provider does not allow this account to use the model. You were not charged.',
    'choose_model',
  ),
  provider_not_found: words('The provider does not know this model any more. You were not charged.', 'choose_model'),
  provider_invalid_request: provider(
    'found the request invalid.',
    'The provider found the request invalid. You were not charged.',
    'retry',
  ),
  content_refused: words('The provider declined this content.', 'choose_model'),
  provider_rate_limited: withDetail(
    'retry_after',
    ({ wait_ms }) => `The provider asks to wait ${seconds(wait_ms)}.`,
    'The provider asks to wait a moment.',
    'retry',
  ),
  provider_quota_exhausted: provider(
    'says its own account is out of money.',
    'The provider’s own account is out of money. Your credits are untouched.',
    'choose_model',
  ),
  provider_overloaded: words('The provider is overloaded.', 'retry'),
  provider_failed: provider('failed.', 'The provider failed.', 'retry'),
  provider_timeout: words('The provider did not answer in time.', 'retry'),
  provider_unreachable: words('The provider could not be reached. Check the connection.', 'retry'),
  provider_malformed: words('The provider sent something that is no answer.', 'retry'),
  interrupted: words('The studio stopped while this turn was under way. What had arrived was kept.', 'retry'),
  keychain_absent: words('This computer has no keychain, so a key can only be kept until the studio closes.'),
  keychain_locked: words('The keychain is locked. Unlock it and try again.', 'retry'),
  keychain_failed: words(
    'The keychain answered with a fault. Try again, or keep the key for this session only.',
    'retry',
  ),
  disk_full: file(
    'could not be written: the disk is full. Nothing was lost; free some space and try again.',
    'The disk is full. Nothing was lost; free some space and try again.',
  ),
  data_damaged: file(
    'is damaged or missing. Nothing was changed. Restore it from a backup, or move its whole folder away to start anew.',
    'A data file is damaged. Nothing was changed.',
  ),
  data_newer: file(
    'was written by a newer Any AI Studio. Nothing was changed. Update the program to open it.',
    'The data was written by a newer Any AI Studio. Nothing was changed. Update the program to open it.',
  ),
  data_unavailable: file(
    'cannot be opened or written. Check that it is yours and not in use.',
    'A data file cannot be opened or written.',
  ),
  bad_request: words('The studio did not understand that. The window and the studio may be of different versions.'),
  internal: words(
    'Something went wrong in the studio. The log says more; nothing was charged that the ledger does not show.',
    'retry',
  ),
};

const NAMES: Readonly<Record<string, string>> = {
  anthropic: 'Anthropic',
  openai: 'OpenAI',
  google: 'Google',
  xai: 'xAI',
};
const providerName = (id: string): string => NAMES[id] ?? id;

/** An error in words. */
export const wording = (error: Pick<WireError, 'code'> & { readonly detail?: Detail | null | undefined }): Wording =>
  table[error.code](error.detail ?? null);

/** What a remedy is called on a button; null when there is nothing to press. */
export const remedyLabel: Record<Remedy, string | null> = {
  retry: 'Try again',
  choose_model: 'Choose a model',
  open_settings: 'Open settings',
  open_welcome: 'Change studio',
  shorten: null,
  none: null,
};
