import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clip, forDiscord, forSlack, subjectOf } from '../../shared/cloud/aws/words.ts';

describe('words in a message', () => {
  it.each([
    ['<!channel> look', '&lt;!channel&gt; look'],
    ['<@U0CTO> & <https://evil.test|our page>', '&lt;@U0CTO&gt; &amp; &lt;<https://evil.test>|our page&gt;'],
    ['see https://x.test/a?k=b&c=_d_', 'see <https://x.test/a?k=b&amp;c=_d_>'],
  ])('%s can command nothing in Slack', (text, expected) => {
    expect(forSlack(text)).toBe(expected);
  });

  it.each([
    ['@everyone `rm`', '\\@everyone \\`rm\\`'],
    ['[our page](https://evil.test)', '\\[our page\\]\\(<https://evil.test>\\)'],
    ['# heading\n> quote\n- **bold**', '\\# heading\n\\> quote\n\\- \\*\\*bold\\*\\*'],
    ['<@123> <t:0>', '\\<\\@123\\> \\<t\\:0\\>'],
  ])('%s is only words in Discord', (text, expected) => {
    expect(forDiscord(text)).toBe(expected);
  });

  it('are cut where a service would refuse them, never through a character, and it shows', () => {
    expect(clip('four', 4)).toBe('four');
    expect(clip('fives', 4)).toBe('fiv…');
    expect(clip('ab😀cd', 4)).toBe('ab…');
  });

  it('make a subject that SNS takes, whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const subject = subjectOf(text);
        return subject === '' || /^[A-Za-z0-9][\x20-\x7e]{0,98}$/.test(subject);
      }),
    );
    expect(subjectOf('– “Failover” of\norders…')).toBe('Failover" of orders...');
  });
});
