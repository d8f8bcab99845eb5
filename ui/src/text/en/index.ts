/**
 * English, the language every other catalogue takes its shape from. One file a room; one line a room below.
 * Once `../de` and `../ar` are there, whoever adds a sentence here adds it to those two as well, or nothing compiles.
 */
import { actions } from './actions';
import { amounts } from './amounts';
import { chat } from './chat';
import { common } from './common';
import { compare } from './compare';
import { composer } from './composer';
import { conversations } from './conversations';
import { errors } from './errors';
import { keys } from './keys';
import { search } from './search';
import { settings } from './settings';
import { shell } from './shell';
import { times } from './times';
import { welcome } from './welcome';

export const en = {
  actions,
  amounts,
  chat,
  common,
  compare,
  composer,
  conversations,
  errors,
  keys,
  search,
  settings,
  shell,
  times,
  welcome,
};
