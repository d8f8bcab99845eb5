// What comes in and what goes out: one at a time, and what was heard wins over what was answered.
import { describe, expect, it } from 'vitest';
import type { ImportCounts } from '$/bindings/ImportCounts';
import type { ImportPlans } from '$/bindings/ImportPlans';
import type { Transfer } from '$/bindings/Transfer';
import { CommandError } from '$/host/host';
import { deferred, settle, World } from '../../test/world';
import { Transfers } from './transfers.svelte';

export const counts = (more: Partial<ImportCounts> = {}): ImportCounts => ({
  source: 'ChatGPT',
  new_conversations: 2,
  grown_conversations: 0,
  known_conversations: 0,
  new_turns: 9,
  new_files: 0,
  missing_files: 0,
  left_out: 0,
  refused: 0,
  refusals: [],
  ...more,
});

const importing: Transfer = { kind: 'importing', counts: counts() };
const imported: Transfer = { kind: 'imported', counts: counts() };

describe('transfers', () => {
  it('hands a file over before the import begins, and is busy meanwhile', async () => {
    const world = new World(undefined, { import_start: () => ({ transfer: importing }) });
    const transfers = new Transfers(world);
    const file = new Blob(['{}']);
    const begun = transfers.import(file);
    expect([transfers.handingOver, transfers.running]).toEqual([true, true]);
    await begun;
    expect(world.host.handedOver).toEqual([file]);
    expect(world.host.asked('import_start')).toEqual([{ upload: { id: 'upload-1' } }]);
    expect([transfers.handingOver, transfers.running]).toEqual([false, true]);
    transfers.receive(imported);
    expect([transfers.transfer, transfers.running]).toEqual([imported, false]);
  });

  it('a program that asks for files itself is given none', async () => {
    const world = new World(undefined, { import_start: () => ({ transfer: null }) });
    world.host.picksFiles = true;
    const transfers = new Transfers(world);
    await transfers.import(null);
    expect(world.host.handedOver).toEqual([]);
    expect(world.host.asked('import_start')).toEqual([{ upload: null }]);
    expect(transfers.running).toBe(false);
  });

  it('what was heard before the answer came is kept', async () => {
    const answer = deferred<{ transfer: Transfer | null }>();
    const world = new World(undefined, { export_start: () => answer.promise });
    const transfers = new Transfers(world);
    const begun = transfers.export();
    await settle();
    transfers.receive({ kind: 'export_ended', error: null });
    answer.resolve({ transfer: { kind: 'exporting', done: 0, total: 2 } });
    await begun;
    expect([transfers.transfer?.kind, transfers.running]).toEqual(['export_ended', false]);
  });

  it('a refusal is said, and the next try forgets it', async () => {
    let fails = true;
    const world = new World(undefined, {
      export_start: () => {
        if (fails) throw new CommandError({ code: 'disk_full', message: 'full' });
        return { transfer: { kind: 'exporting', done: 0, total: 3 } };
      },
    });
    const transfers = new Transfers(world);
    await transfers.export();
    expect(transfers.error?.code).toBe('disk_full');
    fails = false;
    await transfers.export();
    expect([transfers.error, transfers.running]).toEqual([null, true]);
  });

  it('prices are forgotten with what they were worked out from', async () => {
    const world = new World();
    const transfers = new Transfers(world);
    await transfers.workOut('opus');
    expect(transfers.plans?.turns).toBe(0);
    transfers.receive(imported);
    expect(transfers.plans).toBeNull();
  });

  it('is stopped, shown and saved by the core, and says while prices are worked out', async () => {
    const plans = deferred<ImportPlans>();
    const world = new World(undefined, {
      transfer_stop: () => ({ transfer: null }),
      reveal: () => ({}),
      asset_save: () => ({ path: '/home/me/fox.png' }),
      import_plans: () => plans.promise,
    });
    const transfers = new Transfers(world);
    await transfers.stop();
    await transfers.reveal('/tmp/exports');
    const file = { asset_id: 'a', mime: 'image/png', width: 1, height: 1, bytes: 9, name: 'fox.png' };
    expect(await transfers.save(file)).toBe('/home/me/fox.png');
    expect(world.host.asked('reveal')).toEqual([{ path: '/tmp/exports' }]);
    expect(world.host.asked('asset_save')).toEqual([{ asset_id: 'a', name: 'fox.png', bytes: 9 }]);
    expect(world.host.asked('transfer_stop')).toHaveLength(1);
    expect(transfers.picksFiles).toBe(false);
    const working = transfers.workOut('opus');
    expect(transfers.working).toBe(true);
    plans.resolve({ turns: 4 } as ImportPlans);
    await working;
    expect([transfers.working, transfers.plans?.turns]).toEqual([false, 4]);
  });
});
