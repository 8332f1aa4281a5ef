import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { button, openChat, plain, why, type SmallChat } from './small-chat.ts';

let small: SmallChat;
beforeEach(async () => {
  small = await openChat();
});
afterEach(() => small.stop());

const newBot = (): string => small.chat.bot({ channels: ['#operations'], members: [{ id: 'U0CTO', name: 'cto' }] });

describe('the blocks of a message', () => {
  const section = (more: object) => ({ type: 'section', text: plain('x'), ...more });
  const actions = (...elements: object[]) => ({ type: 'actions', elements });
  const confirm = (more: object) =>
    actions(button('a', { confirm: { title: plain('t'), text: plain('x'), confirm: plain('y'), deny: plain('n'), ...more } }));

  it.each([
    ['a block nobody draws here', { type: 'image' }, 'unsupported type: image', '/type'],
    ['a key no block has', { type: 'divider', color: 'red' }, 'invalid additional property: color', ''],
    ['a key no button has', actions(button('a', { disabled: true })), 'invalid additional property: disabled', '/elements/0'],
    ['an element that is no button', actions({ type: 'overflow' }), 'unsupported type: overflow', '/elements/0/type'],
    ['no element at all', actions(), 'must have at least 1 item', '/elements'],
    ['26 buttons', actions(...Array.from({ length: 26 }, (_, i) => button(`a${i}`))), 'no more than 25 items', '/elements'],
    ['a long action_id', actions(button('x'.repeat(256), { text: plain('x') })), 'less than 256', '/elements/0/action_id'],
    ['the same action_id twice', actions(button('a'), button('a')), 'already exists', '/elements/1/action_id'],
    ['a long value', actions(button('a', { value: 'x'.repeat(2001) })), 'less than 2001', '/elements/0/value'],
    ['a value that is no text', actions(button('a', { value: 7 })), 'must be a string', '/elements/0/value'],
    ['a style Slack has not', actions(button('a', { style: 'default' })), 'must be one of primary, danger', '/elements/0/style'],
    ['a long label', actions(button('x'.repeat(76))), 'less than 76', '/elements/0/text/text'],
    ['an address that is none', actions(button('a', { url: 'javascript:x' })), 'must be a valid URL', '/elements/0/url'],
    ['a long title to confirm', confirm({ title: plain('x'.repeat(101)) }), 'less than 101', '/elements/0/confirm/title/text'],
    [
      'a formatted title',
      confirm({ title: { type: 'mrkdwn', text: 'x' } }),
      'must be one of plain_text',
      '/elements/0/confirm/title/type',
    ],
    ['a long text to confirm', confirm({ text: plain('x'.repeat(301)) }), 'less than 301', '/elements/0/confirm/text/text'],
    ['a long yes', confirm({ confirm: plain('x'.repeat(31)) }), 'less than 31', '/elements/0/confirm/confirm/text'],
    ['a long no', confirm({ deny: plain('x'.repeat(31)) }), 'less than 31', '/elements/0/confirm/deny/text'],
    ['no no', confirm({ deny: undefined }), 'missing required field: deny', '/elements/0/confirm'],
    ['a long block_id', section({ block_id: 'x'.repeat(256) }), 'less than 256', '/block_id'],
    ['a long section', section({ text: plain('x'.repeat(3001)) }), 'less than 3001', '/text/text'],
    ['eleven fields', section({ fields: Array.from({ length: 11 }, () => plain('x')) }), 'no more than 10', '/fields'],
    ['an input without a label', { ...why(), label: undefined }, 'missing required field: label', ''],
    ['a long label of an input', { ...why(), label: plain('x'.repeat(2001)) }, 'less than 2001', '/label/text'],
    ['a long hint', { ...why(), hint: plain('x'.repeat(2001)) }, 'less than 2001', '/hint/text'],
    ['an input that dispatches', { ...why(), dispatch_action: true }, 'does not imitate', '/dispatch_action'],
    ['an input of another kind', { ...why(), element: { type: 'datepicker' } }, 'unsupported type', '/element/type'],
    ['an input of too much', why({ max_length: 3001 }), 'must be an integer from 1 to 3000', '/element/max_length'],
    ['a long placeholder', why({ placeholder: plain('x'.repeat(151)) }), 'less than 151', '/element/placeholder/text'],
    ['more at first than at last', why({ max_length: 1, initial_value: 'ab' }), 'less than 2', '/element/initial_value'],
  ])('may not be %s', async (_case, block, trouble, place) => {
    const answer = await small.call('chat.postMessage', newBot(), { channel: '#operations', text: 'x', blocks: [block] });

    expect(answer).toMatchObject({ ok: false, error: 'invalid_blocks' });
    expect(answer['errors']).toEqual([expect.stringContaining(trouble)]);
    expect(answer['errors']).toEqual([expect.stringContaining(`[json-pointer:/blocks/0${place}]`)]);
    expect(small.said).toEqual([]);
  });

  it('each have an id of their own, and all of them an end', async () => {
    const token = newBot();
    const divider = { type: 'divider', block_id: 'a' };
    const long = { type: 'section', text: plain('x'.repeat(3000)) };

    const twice = await small.call('chat.postMessage', token, { channel: '#operations', blocks: [divider, divider] });
    const many = await small.call('chat.postMessage', token, {
      channel: '#operations',
      blocks: Array(51).fill({ type: 'divider' }),
    });
    const much = await small.call('chat.postMessage', token, { channel: '#operations', blocks: [long, long, long, long, long] });
    const none = await small.call('chat.postMessage', token, { channel: '#operations', text: 'x', blocks: 'nonsense' });

    expect(twice['errors']).toEqual(['[ERROR] `block_id` already exists for another block [json-pointer:/blocks/1/block_id]']);
    expect(many['errors']).toEqual(['[ERROR] no more than 50 items allowed [json-pointer:/blocks]']);
    expect([much['error'], none['error']]).toEqual(['msg_blocks_too_long', 'invalid_blocks_format']);
  });

  it('get the ids that nobody gave them', async () => {
    const { message } = await small.call('chat.postMessage', newBot(), {
      channel: '#operations',
      blocks: [{ type: 'actions', elements: [{ type: 'button', text: plain('Go') }] }],
    });

    expect(message).toMatchObject({
      blocks: [{ block_id: expect.stringMatching(/^\w{5}$/), elements: [{ action_id: expect.stringMatching(/^\w{5}$/) }] }],
    });
  });

  it.each(['attachments', 'thread_ts', 'metadata', 'username'])(
    'are all there is: %s is refused by its name',
    async (argument) => {
      const answer = await small.call('chat.postMessage', newBot(), { channel: '#operations', text: 'x', [argument]: 'x' });

      expect(answer).toMatchObject({ ok: false, error: 'not_imitated', needed: expect.stringContaining(argument) });
    },
  );
});
