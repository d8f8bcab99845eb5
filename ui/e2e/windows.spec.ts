// Two windows of one studio: each shows what the other does, and takes nothing from it.
import { expect, test } from './studio';

test('a conversation goes on in both, and the draft of each stays its own', async ({ studio, page, context }) => {
  await studio.practise();
  await studio.ask('Low water? [[say:At ten.]]');
  const other = await context.newPage();
  // A tab's token is its own.
  const token = await page.evaluate(() => sessionStorage.getItem('anyai.token'));
  await other.goto(`${new URL(page.url()).origin}/#token=${token}`);
  const [message, turns] = [other.getByRole('textbox', { name: 'Message' }), other.getByRole('article')];
  await other.getByRole('button', { name: /^Low water/ }).click();
  await expect(turns).toHaveCount(1);
  await message.fill('A thought in the second window');

  await page.bringToFront();
  await studio.ask('And high? [[say:At four.]]');
  await other.bringToFront();
  await expect(turns).toHaveCount(2);
  await expect(turns.last()).toContainText('At four.');
  await expect(message).toHaveValue('A thought in the second window');
  const balance = other.getByRole('button', { name: /credits? available/ });
  await expect(balance).toHaveText((await studio.balance.textContent())!);

  await other.getByRole('button', { name: 'Conversation menu' }).click();
  await other.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(turns).toHaveCount(0);
  await page.bringToFront();
  await expect(page.getByRole('complementary', { name: 'Conversations' })).not.toContainText('Low water');
  await other.close();
});
