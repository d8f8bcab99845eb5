/** English, the language every other catalogue takes its shape from. One file a room. */
import { common } from './common';

export const en = { common };
