/** English, the language every other catalogue takes its shape from. One file a room. */
import { amounts } from './amounts';
import { common } from './common';
import { times } from './times';

export const en = { amounts, common, times };
