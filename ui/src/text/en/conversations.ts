/** The list of conversations. */
import { plural } from '../plural';

export const conversations = {
  title: 'Conversations',
  all: 'All conversations',
  create: 'New conversation',
  none: 'Conversations will be listed here, newest first, each with what it cost.',
  older: 'Show older',
  name: 'Conversation name',
  turns: (count: number) => plural('en', count, { one: `${count} turn`, other: `${count} turns` }),
  writing: 'Writing',
  charged: 'charged',
  credits: 'credits',
  rename: 'Rename',
  remove: 'Delete',
  options: (title: string) => `Options of ${title}`,
};
