/**
 * The tours: every screen and state, each reached from the one before, each tour in a studio of its own. A room adds
 * its stops to its file; every stop is photographed at every size, light and dark.
 */
import { around } from './around';
import { chat } from './chat';
import { media } from './media';
import { month } from './month';
import type { Tour } from './stop';
import { offline, outOfCredits } from './trouble';
import { welcome } from './welcome';

export const tours: readonly Tour[] = [
  { name: 'first run', stops: welcome },
  { name: 'chat', stops: chat },
  { name: 'pictures, clips and the library', stops: media },
  { name: 'usage, settings and around', stops: around },
  { name: 'a month, and coming from another program', stops: month },
  { name: 'out of credits', stops: outOfCredits },
  { name: 'offline', stops: offline },
];
