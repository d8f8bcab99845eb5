/** An export as Claude writes it: two conversations, the first with a question asked twice, and one without words. */
const message = (id: string, sender: 'human' | 'assistant', text: string, parent: string) => ({
  uuid: id,
  sender,
  text,
  content: [],
  created_at: `2026-03-0${id}T10:00:00Z`,
  parent_message_uuid: parent,
});

const NOBODY = '00000000-0000-4000-8000-000000000000';

export const EXPORT = JSON.stringify([
  {
    uuid: 'bread',
    name: 'Bread',
    created_at: '2026-03-01T10:00:00Z',
    chat_messages: [
      message('1', 'human', 'Why does the loaf not rise?', NOBODY),
      message('2', 'assistant', 'Old yeast.', '1'),
      message('3', 'human', 'And now?', '2'),
      message('4', 'assistant', 'Buy new.', '3'),
      message('5', 'human', 'Or sourdough?', '2'),
      message('6', 'assistant', 'A week of patience.', '5'),
    ],
  },
  {
    uuid: 'boats',
    name: 'Boats',
    created_at: '2026-03-01T10:00:00Z',
    chat_messages: [
      message('7', 'human', 'What is a ketch?', NOBODY),
      message('8', 'assistant', 'Two masts, the after one shorter.', '7'),
    ],
  },
  { uuid: 'none', name: 'Empty', chat_messages: [] },
]);
