// A draft on its way: what is written meanwhile stays, wherever the person went.
import { beforeEach, describe, expect, it } from 'vitest';
import { conversation, FakeStudio, turn } from '../../test/fake-host';
import { ofTwoTurns, opened } from '../../test/opened';
import { deferred, World } from '../../test/world';
import type { Studio } from './studio.svelte';

let fake: FakeStudio;
let world: World;
let studio: Studio;

async function start(overrides: ConstructorParameters<typeof World>[1] = {}) {
  ({ world, studio } = await opened(fake, overrides));
}

async function type(text: string) {
  studio.composer.write(text);
  await world.frame();
}

beforeEach(async () => {
  fake = ofTwoTurns();
  await start();
});

describe('a draft on its way', () => {
  it('leaves what was written while it was on its way', async () => {
    const slow = deferred<void>();
    await start({
      turn_send: async (request) => {
        await slow.promise;
        return turn('new', { conversation_id: 'c1', parent_id: request.parent_id, phase: { kind: 'sending' } });
      },
    });
    await studio.openConversation('c1');
    await type('Hello');
    const sending = studio.composer.send();
    studio.composer.write('Hello and then');
    slow.resolve();
    await sending;
    expect(studio.composer.text).toBe('and then');
    expect(world.host.asked('draft_save').at(-1)).toMatchObject({ conversation_id: 'c1', text: 'and then' });
  });

  it('leaves the draft of a conversation that was opened meanwhile', async () => {
    const slow = deferred<void>();
    fake.conversations = [conversation('c1', 'One', 0, 0), conversation('c2', 'Two', 0, 0)];
    await start({
      turn_send: async (request) => {
        await slow.promise;
        return turn('new', { conversation_id: 'c1', parent_id: request.parent_id, phase: { kind: 'sending' } });
      },
    });
    await studio.openConversation('c1');
    await type('Hello');
    const sending = studio.composer.send();
    await studio.openConversation('c2');
    await type('Another thing');
    slow.resolve();
    await sending;
    expect(studio.composer.text).toBe('Another thing');
    expect(
      world.host
        .asked('draft_save')
        .filter(({ conversation_id }) => conversation_id === 'c1')
        .at(-1)?.text,
    ).toBe('');
  });

  describe('when its conversation is left', () => {
    let slow = deferred<void>();

    beforeEach(async () => {
      let sent = 0;
      fake.conversations = [conversation('c1', 'One', 0, 0), conversation('c2', 'Two', 0, 0)];
      await start({
        turn_send: async ({ parent_id }) => {
          await slow.promise;
          sent += 1;
          return turn(`new${sent}`, { conversation_id: 'c1', parent_id, phase: { kind: 'sending' } });
        },
      });
    });

    async function sendAndLeave(text: string) {
      slow = deferred<void>();
      const sending = studio.composer.send();
      studio.composer.write(text);
      await studio.openConversation('c2');
      slow.resolve();
      await sending;
      expect(studio.composer.text).toBe('');
    }

    it('keeps what was written beyond it', async () => {
      await studio.openConversation('c1');
      await type('Hello');
      await sendAndLeave('Hello and then');
      expect(fake.drafts.get('c1')).toBe('and then');
    });

    it('keeps that with the conversation the turn began', async () => {
      await type('Hello');
      await sendAndLeave('Hello and then');
      expect(fake.drafts.get(null)).toBe('');
      expect(fake.drafts.get('c1')).toBe('and then');
    });

    it('keeps what an edit set aside, when nothing was written', async () => {
      await studio.openConversation('c1');
      await type('Half a thought');
      studio.composer.edit(studio.thread.path[0]!);
      await type('Edited');
      await sendAndLeave('Edited');
      expect(fake.drafts.get('c1')).toBe('Half a thought');
    });
  });
});

describe('an edit that is left', () => {
  beforeEach(async () => {
    fake.conversations = [conversation('c1', 'One', 0, 0), conversation('c2', 'Two', 0, 0)];
    await start();
    await studio.openConversation('c1');
    await type('Half a thought');
  });

  async function leaveAndComeBack() {
    await studio.openConversation('c2');
    expect(studio.composer.aim.kind).toBe('next');
    expect(studio.composer.text).toBe('');
    await studio.openConversation('c1');
  }

  it('goes on when its conversation is opened again, over what it set aside', async () => {
    studio.composer.edit(studio.thread.path[0]!);
    await type('Changed words');
    await leaveAndComeBack();
    expect(studio.composer.aim).toMatchObject({ kind: 'edit', turn: { id: 'a' } });
    expect(studio.composer.text).toBe('Changed words');
    studio.composer.leaveAim();
    expect(studio.composer.text).toBe('Half a thought');
  });

  it('is over when nothing in it was changed, or when it was called off', async () => {
    studio.composer.edit(studio.thread.path[0]!);
    await leaveAndComeBack();
    expect(studio.composer.aim.kind).toBe('next');
    studio.composer.edit(studio.thread.path[0]!);
    await type('Changed words');
    await leaveAndComeBack();
    studio.composer.leaveAim();
    await leaveAndComeBack();
    expect(studio.composer.aim.kind).toBe('next');
    expect(studio.composer.text).toBe('Half a thought');
  });

  it('leaves what it set aside and what was written since, once it is sent', async () => {
    const slow = deferred<void>();
    await start({
      turn_send: async ({ parent_id }) => {
        await slow.promise;
        return turn('new', { conversation_id: 'c1', parent_id, phase: { kind: 'sending' } });
      },
    });
    await studio.openConversation('c1');
    await type('Half a thought');
    studio.composer.edit(studio.thread.path[0]!);
    await type('Changed words');
    const sending = studio.composer.send();
    studio.composer.write('Changed words and then');
    slow.resolve();
    await sending;
    expect(studio.composer.text).toBe('Half a thought\n\nand then');
  });
});
