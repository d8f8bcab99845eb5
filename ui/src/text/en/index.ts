/**
 * English, the language every other catalogue takes its shape from. One file a room; one line a room below.
 * Once `../de` and `../ar` are there, whoever adds a sentence here adds it to those two as well, or nothing compiles.
 */
import { amounts } from './amounts';
import { chat } from './chat';
import { common } from './common';
import { errors } from './errors';
import { times } from './times';

export const en = {
  amounts,
  chat,
  common,
  errors,
  times,
};
