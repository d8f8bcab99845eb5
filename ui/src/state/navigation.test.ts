// Where a person is: one room, one layer on it, and what each step closes.
import { beforeEach, describe, expect, it } from 'vitest';
import { Navigation } from './navigation.svelte';

let navigation: Navigation;
beforeEach(() => (navigation = new Navigation()));

describe('a room', () => {
  it('is entered without what lay over the last one', () => {
    navigation.openPicker();
    navigation.showReceipt('t1');
    navigation.toggle('palette');
    navigation.rename(true);
    navigation.toggle('keys');
    navigation.go('usage');
    expect([navigation.room, navigation.layer, navigation.receiptOf, navigation.renaming]).toEqual([
      'usage',
      'none',
      null,
      false,
    ]);
  });

  it('of chat is where models are chosen and names are written', () => {
    navigation.go('library');
    navigation.openPicker({ kind: 'retry', turnId: 't1' });
    expect([navigation.room, navigation.layer]).toEqual(['chat', 'picker']);
    expect(navigation.pickerAim).toEqual({ kind: 'retry', turnId: 't1' });
    navigation.go('library');
    navigation.rename(true);
    expect([navigation.room, navigation.renaming]).toEqual(['chat', true]);
    navigation.rename(false);
    expect(navigation.renaming).toBe(false);
  });
});

describe('a layer', () => {
  it('opens and closes by the same key, and another takes its place', () => {
    navigation.toggle('palette');
    expect(navigation.layer).toBe('palette');
    navigation.toggle('keys');
    expect(navigation.layer).toBe('keys');
    navigation.toggle('keys');
    expect(navigation.layer).toBe('none');
    navigation.toggle('prompts');
    navigation.close();
    expect(navigation.layer).toBe('none');
  });

  it('and a receipt do not stand together', () => {
    navigation.showReceipt('t1');
    navigation.openPicker();
    expect(navigation.receiptOf).toBeNull();
    navigation.showReceipt('t1');
    expect([navigation.layer, navigation.receiptOf]).toEqual(['none', 't1']);
    navigation.toggle('palette');
    expect(navigation.receiptOf).toBeNull();
    navigation.showReceipt(null);
    expect(navigation.layer, 'closing a receipt closes nothing else').toBe('palette');
  });

  it('the picker opens for the next turn unless it is asked for another', () => {
    navigation.openPicker({ kind: 'retry', turnId: 't1' });
    navigation.openPicker();
    expect(navigation.pickerAim).toEqual({ kind: 'compose' });
  });
});

it('the panel stands beside the stage in a wide window, and over it in a narrow one', () => {
  expect(navigation.panelShown).toBe(true);
  navigation.togglePanel(false);
  expect([navigation.panelShown, navigation.layer]).toEqual([false, 'none']);
  navigation.togglePanel(true);
  expect([navigation.panelShown, navigation.layer]).toEqual([false, 'panel']);
  navigation.togglePanel(true);
  expect(navigation.layer).toBe('none');
});

it('a turn is pointed at until it was brought into view', () => {
  navigation.point('t7');
  expect(navigation.pointAt).toBe('t7');
  navigation.point(null);
  expect(navigation.pointAt).toBeNull();
});
