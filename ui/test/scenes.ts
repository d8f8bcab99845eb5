/** Every state of the window worth looking at. */
import type { Studio } from '../src/state/studio.svelte';
import { balance, conversation, NOW, turn, type FakeHost, type FakeStudio } from './fake-host';

export interface Scene {
  prepare?(studio: FakeStudio): void;
  act?(state: Studio, host: FakeHost): Promise<void> | void;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const answer = `Eight Saturdays qualify. The table is in UTC, so I moved every time to British Summer Time before
filtering; without that you would have picked **10 July** by mistake.

\`\`\`python
import pandas as pd

tides = pd.read_csv("tides-2027.csv", parse_dates=["time"])
local = tides.time.dt.tz_localize("UTC").dt.tz_convert("Europe/London")

low = tides[(tides.kind == "low") & (local.dt.dayofweek == 5)
            & local.dt.hour.between(11, 14) & local.dt.month.between(4, 9)]
# metres above chart datum; the causeway dries below 1.6
walks = low[low.height < 1.6].nsmallest(8, "height")
\`\`\`

| Saturday | Low water | Height | Dry for | Note |
|---|--:|--:|--:|---|
| 10 April | 13:42 | 0.6 m | 3 h 20 | Spring tide, best of the year |
| 24 April | 12:08 | 1.1 m | 2 h 35 | |
| 22 May | 11:16 | 1.3 m | 2 h 10 | Start early |

I would advertise **10 April** and **5 June** and keep the other six as weather reserves:

1. Ask the harbour office for the \`causeway\` permit.
2. Book two marshals for each end.
   - one at the slipway
   - one at the light

> The tide tables are predictions; a strong north-easterly adds up to 0.4 m.`;

const question =
  'Which Saturdays from April to September 2027 have low water between 11:00 and 15:00? ' +
  'I want to run the causeway walk on those.';

const conversations = [
  conversation('c1', 'Lighthouse open day', 107_400, HOUR / 6),
  conversation('c2', 'Grant letter, second draft', 23_100, 3 * HOUR),
  conversation('c3', 'Name for the newsletter', 800, 5 * HOUR),
  conversation('c4', 'Boiler quote, plain words', 5_200, DAY - HOUR),
  conversation('c5', 'Volunteer rota', 3_900, DAY),
  conversation('c6', 'Oral history transcripts, all of them in one very long conversation name', 74_600, 3 * DAY),
  conversation('c7', 'Storm of 1953, timeline', 6_300, 4 * DAY),
  conversation('c8', 'Shop labels in Welsh', 1_100, 8 * DAY),
  conversation('c9', 'Ferry times', 40, 40 * DAY),
];

function lighthouse(studio: FakeStudio) {
  studio.conversations = conversations;
  studio.turns = [
    turn('t1', {
      prompt: [{ kind: 'text', text: question }],
      text: answer,
      thinking: 'Tide times are in UTC, so summer dates shift by an hour.\nLet me check each Saturday.',
    }),
    turn('t2', {
      parent_id: 't1',
      model_id: 'sol',
      model_label: 'GPT-6 Sol',
      prompt: [{ kind: 'text', text: 'Write the notice for the parish magazine, in about 60 words.' }],
      text: 'Walk to the light at low water! On **Saturday 10 April** the sea draws back for more than three hours.',
      phase: { kind: 'settled', charged: 3_100, stop_reason: 'stopped' },
    }),
    turn('t2b', {
      parent_id: 't1',
      prompt: [{ kind: 'text', text: 'Write the notice for the parish magazine, in about 60 words.' }],
      text:
        'On **Saturday 10 April** the causeway lies dry from noon. Walk out to the light with the wardens, ' +
        'see the lamp room, and be back for tea. Children with an adult; stout shoes. No booking, no ' +
        'charge.',
      phase: { kind: 'settled', charged: 4_260, stop_reason: 'complete' },
    }),
  ];
  studio.selectedLeaf = 't2b';
}

const draft =
  'Draft the event permit from this form. Use 10 April and 5 June, up to 60 walkers, two marshals each end.';

async function openLighthouse(state: Studio, text = draft) {
  await state.openConversation('c1');
  state.composer.write(text);
  await new Promise((done) => setTimeout(done, 80));
}

const simulated = (studio: FakeStudio) => {
  studio.session = {
    ...studio.session,
    phase: { kind: 'ready', door: { kind: 'simulated' }, connection: { kind: 'online' } },
  };
  studio.models = studio.models.map((each) => ({ ...each, offer: 'simulated' as const }));
  studio.providers = studio.providers.map((each) => ({ ...each, key: { kind: 'simulated' as const } }));
};

const states = (studio: FakeStudio) => {
  studio.conversations = conversations;
  const prompt = (text: string) => [{ kind: 'text' as const, text }];
  studio.turns = [
    turn('s1', {
      prompt: prompt('Stopped'),
      text: 'It was going to be long, but',
      phase: { kind: 'settled', charged: 3_100, stop_reason: 'stopped' },
    }),
    turn('s2', {
      parent_id: 's1',
      prompt: prompt('Declined'),
      text: '',
      phase: { kind: 'failed', charged: 0, error: { code: 'content_refused', message: '' } },
    }),
    turn('s3', {
      parent_id: 's2',
      prompt: prompt('Failed after some words'),
      text: 'Some words arrived',
      phase: { kind: 'failed', charged: 700, error: { code: 'provider_overloaded', message: '' } },
    }),
    turn('s4', { parent_id: 's3', prompt: prompt('Unknown'), text: '', phase: { kind: 'reconciling', held: 40_000 } }),
    turn('s5', {
      parent_id: 's4',
      simulated: true,
      prompt: prompt('Simulated'),
      text: 'A stand-in answered.',
      phase: { kind: 'settled', charged: 900, stop_reason: 'complete' },
    }),
    turn('s6', {
      parent_id: 's5',
      prompt: prompt('Refused'),
      text: '',
      phase: {
        kind: 'refused',
        error: {
          code: 'insufficient_credits',
          message: '',
          detail: {
            kind: 'shortfall',
            needed: 24_000,
            available: 3_200,
            bound: 'pool',
            resets_at: Date.UTC(2026, 11, 1),
            fitting_models: ['haiku'],
          },
        },
      },
    }),
    turn('s7', {
      parent_id: 's6',
      prompt: prompt('Writing'),
      thinking: 'First the **tides**, then the dates.',
      text: 'The permit needs three things:\n\n- the dates\n- the',
      phase: { kind: 'running', held: 24_000, spent_so_far: 6_240 },
    }),
  ];
  studio.selectedLeaf = 's7';
};

const welcome = (studio: FakeStudio) => {
  studio.session = { ...studio.session, phase: { kind: 'welcome' } };
};

const click = async (name: string | RegExp) => {
  const matches = (text: string) => (typeof name === 'string' ? text.includes(name) : name.test(text));
  const button = [...document.querySelectorAll<HTMLElement>('button')].find((each) =>
    matches(each.getAttribute('aria-label') ?? each.textContent ?? ''),
  );
  button?.click();
  await new Promise((done) => setTimeout(done, 250));
};

const scrollTop = () => document.querySelector('.thread')?.parentElement?.scrollTo(0, 0);

export const scenes: Record<string, Scene> = {
  chat: {
    prepare: lighthouse,
    act: async (state) => {
      await openLighthouse(state);
      scrollTop();
    },
  },
  end: { prepare: lighthouse, act: (state) => openLighthouse(state) },
  picker: {
    prepare: lighthouse,
    act: async (state) => {
      await openLighthouse(state);
      scrollTop();
      state.navigation.openPicker();
      await new Promise((done) => setTimeout(done, 300));
    },
  },
  'picker-cost': {
    prepare: lighthouse,
    act: async (state) => {
      await openLighthouse(state);
      state.navigation.openPicker();
      await new Promise((done) => setTimeout(done, 200));
      await click('Cost');
    },
  },
  receipt: {
    prepare: lighthouse,
    act: async (state) => {
      await openLighthouse(state, 'Next');
      await click(/4.3 credits charged/);
    },
  },
  balance: {
    prepare: lighthouse,
    act: async (state) => {
      await openLighthouse(state);
      await click('credits available');
    },
  },
  states: {
    prepare: states,
    act: async (state) => {
      await state.openConversation('c1');
      await new Promise((done) => setTimeout(done, 80));
    },
  },
  'states-top': {
    prepare: states,
    act: async (state) => {
      await state.openConversation('c1');
      await new Promise((done) => setTimeout(done, 80));
      scrollTop();
    },
  },
  long: {
    prepare: (studio) => {
      studio.conversations = conversations;
      studio.turns = Array.from({ length: 500 }, (_, i) =>
        turn(`l${i}`, {
          parent_id: i === 0 ? null : `l${i - 1}`,
          prompt: [{ kind: 'text', text: question }],
          text: answer,
        }),
      );
      const last = { kind: 'running', held: 24_000, spent_so_far: 0 } as const;
      studio.turns.push(turn('live', { parent_id: 'l499', text: '', phase: last, sequence: 1 }));
      studio.selectedLeaf = 'live';
    },
    act: async (state, host) => {
      await state.openConversation('c1');
      Object.assign(window, { emit: (i: number, text: string) => host.turnEvent('live', i, { kind: 'text', text }) });
    },
  },
  empty: {
    prepare: (studio) => {
      studio.balance = balance({ posted: 0, pending: 0, available: 2_000_000 });
    },
  },
  simulated: {
    prepare: (studio) => {
      simulated(studio);
      studio.balance = balance({ posted: 900, pending: 0, available: 1_999_100 });
    },
    act: async (state) => {
      state.composer.write('What is a credit?');
      await new Promise((done) => setTimeout(done, 80));
    },
  },
  search: {
    prepare: lighthouse,
    act: async (state) => {
      await openLighthouse(state);
      state.search.look('low water');
      await new Promise((done) => setTimeout(done, 250));
    },
  },
  offline: {
    prepare: (studio) => {
      lighthouse(studio);
      studio.session = {
        ...studio.session,
        phase: {
          kind: 'ready',
          door: { kind: 'remote', url: 'https://studio.example.org' },
          connection: { kind: 'offline', since: NOW, error: { code: 'server_unreachable', message: '' } },
        },
      };
    },
    act: (state) => openLighthouse(state),
  },
  'out-of-credits': {
    prepare: (studio) => {
      lighthouse(studio);
      studio.balance = balance({ posted: 1_996_800, pending: 0, available: 3_200 });
    },
    act: (state) => openLighthouse(state),
  },
  editing: {
    prepare: lighthouse,
    act: async (state) => {
      await openLighthouse(state);
      state.composer.edit(state.thread.path[1]!);
      await new Promise((done) => setTimeout(done, 80));
    },
  },
  error: {
    prepare: lighthouse,
    act: async (state) => {
      await openLighthouse(state);
      await state.composer.attach([new File(['a'], 'notes.txt')]);
    },
  },
  pieces: {
    prepare: lighthouse,
    act: async (state) => {
      await openLighthouse(state, 'What do these show?');
      const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 40 });
      const pen = canvas.getContext('2d')!;
      pen.fillStyle = 'steelblue';
      pen.fillRect(0, 0, 64, 40);
      const picture = await (await fetch(canvas.toDataURL('image/png'))).blob();
      await state.composer.attach([new File([picture], 'causeway at low water.png')]);
      state.composer.paste('lorem ipsum '.repeat(3_000));
      await new Promise((done) => setTimeout(done, 150));
    },
  },
  asking: {
    prepare: (studio) => {
      lighthouse(studio);
      studio.session = { ...studio.session, settings: { ...studio.session.settings, ask_above: 10_000 } };
    },
    act: async (state) => {
      await openLighthouse(state);
      await state.composer.send();
    },
  },
  deleted: {
    prepare: lighthouse,
    act: async (state) => {
      await openLighthouse(state);
      await state.remove('c3');
    },
  },
  usage: { prepare: lighthouse, act: (state) => state.navigation.go('usage') },
  'usage-offline': {
    prepare: (studio) => {
      lighthouse(studio);
      studio.session = {
        ...studio.session,
        phase: {
          kind: 'ready',
          door: { kind: 'own_keys' },
          connection: { kind: 'offline', since: NOW, error: { code: 'server_unreachable', message: '' } },
        },
      };
    },
    act: (state) => state.navigation.go('usage'),
  },
  settings: { prepare: lighthouse, act: (state) => state.navigation.go('settings') },
  'settings-key': {
    prepare: (studio) => {
      lighthouse(studio);
      studio.session = { ...studio.session, keychain: 'absent' };
    },
    act: async (state) => {
      state.navigation.go('settings');
      await new Promise((done) => setTimeout(done, 100));
      await click('Add a key');
    },
  },
  'settings-end': {
    prepare: lighthouse,
    act: async (state) => {
      state.navigation.go('settings');
      await new Promise((done) => setTimeout(done, 100));
      document.querySelector('#about')?.scrollIntoView();
    },
  },
  welcome: { prepare: welcome },
  'welcome-remote': { prepare: welcome, act: () => click('Connect to a studio server') },
  'welcome-budget': { prepare: welcome, act: () => click('Use your own provider keys') },
  'welcome-simulated': { prepare: welcome, act: () => click('Try it now') },
  'welcome-keys': {
    prepare: (studio) => {
      studio.providers = studio.providers.map((each) => ({ ...each, key: { kind: 'none' as const } }));
    },
  },
  'welcome-keys-session': {
    prepare: (studio) => {
      studio.session = { ...studio.session, keychain: 'absent' };
      studio.providers = studio.providers.map((each) => ({ ...each, key: { kind: 'none' as const } }));
    },
  },
  blocked: {
    prepare: (studio) => {
      studio.session = {
        ...studio.session,
        phase: {
          kind: 'blocked',
          error: {
            code: 'data_newer',
            message: 'mirror.sqlite has schema 9, this program knows 4',
            detail: { kind: 'file', path: '/home/maren/.local/share/anyai/mirror.sqlite' },
          },
        },
      };
    },
  },
};
