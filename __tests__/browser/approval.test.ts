import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { requestApproval } from '../../functions/approve/request-approval.ts';
import { runStep } from '../../shared/step.ts';
import { pageOver } from '../steps/served.ts';
import { draftOf, planned, RUN } from '../steps/small-run.ts';
import { createSmallWorld, type SmallWorld } from '../steps/small-world.ts';
import { shoot, TELEPHONE, useBrowser } from './browser.ts';
import { serveFunctionUrl, type FunctionUrl } from './function-url.ts';
import { contrastOf, heardOf, inksOf } from './seen.ts';

const run = { ...RUN, reason: '502 since 03:08; the provider says “investigating”, and nobody there picks up the telephone' };
const loss = {
  ...draftOf(RUN).loss,
  how: 'measured' as const,
  band: 'under 100',
  says: '3 customers & 17 orders since 02:51 (measured)',
  tables: [{ table: 'public.order_lines_by_warehouse', rows: 17, by: 'key' as const }],
};
const limits = [
  {
    name: 'stale-data' as const,
    verdict: 'overridden' as const,
    observed: 'the data is 9 h old',
    expected: 'at most 6 h',
    wayOut: 'wait',
  },
];

let world: SmallWorld;
let url: FunctionUrl;
beforeEach(async () => {
  world = createSmallWorld();
  const plan = await planned(world, run, { limits, loss });
  const asked = { token: 'the-task-token', run, approved: null, round: 1, url: 'https://x.lambda-url.eu-west-1.on.aws/', plan };
  await runStep(requestApproval, asked, world);
  url = await serveFunctionUrl(pageOver(world));
});
afterEach(() => url.close());

/** What the approver was sent, under a name that leads to this machine. */
function linkTo(approver: string): string {
  const text = world.mails.find((mail) => mail.approver === approver)?.text ?? '';
  const { pathname, search } = new URL(/https:\S+\?k=\S+/.exec(text)?.[0] ?? '');
  return `http://approve.orders.test:${url.port}${pathname}${search}`;
}
const button = (page: Page, name: 'Approve' | 'Refuse'): Locator => page.getByRole('button', { name }).first();
const headline = (page: Page): Promise<string> => page.getByRole('heading', { level: 1 }).innerText();
const words = (page: Page): Locator => page.getByLabel('A word with it');
const posts = (): number => url.heard.filter((request) => request.startsWith('POST ')).length;
/** How wide what is laid out is, beyond what is shown. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
const bottomOf = async (locator: Locator): Promise<number> => {
  const box = await locator.boundingBox();
  return box ? box.y + box.height : Infinity;
};

const { inBrowser, visit } = useBrowser();

inBrowser('the approval page in a browser', () => {
  const open = async (approver = 'cto', options: Parameters<typeof visit>[0] = {}) => {
    const made = await visit(options);
    await made.page.goto(linkTo(approver));
    return made;
  };

  describe('opened', () => {
    it('decides nothing, asks for nothing else and has nothing to complain of', async () => {
      const { page, requests, troubles } = await open();

      expect(await headline(page)).toBe('orders: main → spare');
      expect(requests).toEqual([`GET ${linkTo('cto')}`]);
      expect(troubles).toEqual([]);
      expect(url.heard).toHaveLength(1);
      expect(world.answers).toEqual([]);
    });

    it('shows title, loss and reason, and the first button below them, on a telephone without scrolling', async () => {
      const { page } = await open();
      const read = [page.getByRole('heading', { level: 1 }), page.getByText('Lost if you approve'), page.getByText('Ada asks')];

      const bottoms = await Promise.all(read.map(bottomOf));
      const heading = await page.getByRole('heading', { level: 1 }).boundingBox();
      const first = await button(page, 'Approve').boundingBox();

      // Without letters to write with, everything is in its place and nothing is to be read.
      expect(heading?.height).toBeGreaterThan(20);
      expect(Math.max(...bottoms)).toBeLessThan(first?.y ?? 0);
      expect(await bottomOf(button(page, 'Approve'))).toBeLessThan(TELEPHONE.height);
    });

    it.each([360, 320])('is not wider than a screen of %i pixels', async (width) => {
      const { page } = await open('cto', { viewport: { width, height: 740 } });

      expect(await overflow(page)).toBe(0);
    });

    it('is an answer of its own to a link that is unknown', async () => {
      const { page, troubles } = await visit();

      const answer = await page.goto(`http://approve.orders.test:${url.port}/approvals/${'y'.repeat(43)}?k=${'x'.repeat(43)}`);

      expect(answer?.status()).toBe(404);
      expect(await headline(page)).toBe('Nothing to decide here');
      expect(await page.getByRole('button').count()).toBe(0);
      // The browser itself says in its console that it was a 404; the policy refused nothing.
      expect(troubles.filter((trouble) => !trouble.includes('404'))).toEqual([]);
    });
  });

  describe('pressed', () => {
    it('takes the words along with Approve, and says what became of it', async () => {
      const { page, troubles } = await open();

      await words(page).fill('go, “now”\nI am on my way');
      await button(page, 'Approve').click();

      expect(await headline(page)).toBe('This request was approved by cto');
      expect(world.answers).toMatchObject([{ approvedBy: 'cto', reason: 'go, “now”\nI am on my way' }]);
      expect(await overflow(page)).toBe(0);
      expect(troubles).toEqual([]);
    });

    it('takes the same words with the buttons at the end', async () => {
      const { page } = await open();

      await words(page).fill('read to the end');
      await page.getByRole('button', { name: 'Approve' }).last().click();
      await page.getByText('This request was approved by cto').waitFor();

      expect(world.answers).toMatchObject([{ reason: 'read to the end' }]);
    });

    it('refuses', async () => {
      const { page } = await open();

      await words(page).fill('not tonight');
      await button(page, 'Refuse').click();

      expect(await headline(page)).toBe('This request was refused by cto');
      expect(world.answers).toEqual([{ error: 'ApprovalRefused', cause: 'cto refused: not tonight' }]);
    });

    it('decides once on a double click', async () => {
      const { page } = await open();

      await button(page, 'Approve').dblclick();
      await page.getByText('This request was approved by cto').waitFor();

      expect(posts()).toBeGreaterThan(0);
      expect(world.answers).toHaveLength(1);
    });

    it('decides once, whoever goes back, reloads what was answered, or presses in a tab left open', async () => {
      const { page } = await open();
      const { page: tab } = await open();
      await button(page, 'Approve').click();
      await page.getByText('This request was approved by cto').waitFor();

      await page.reload();
      await page.goBack();
      const back = await headline(page);
      await button(tab, 'Refuse').click();

      expect(back).toBe('This request was approved by cto');
      expect(await headline(tab)).toBe('This request was approved by cto');
      expect(posts()).toBe(3);
      expect(world.answers).toMatchObject([{ approvedBy: 'cto' }]);
    });

    it('decides nothing once it has expired', async () => {
      const { page } = await open();
      world.setNow('2026-01-15T07:12:00.000Z');

      await button(page, 'Approve').click();

      expect(await headline(page)).toBe('Nothing to decide here');
      expect(world.answers).toEqual([]);
    });

    it('lets one of two approvers decide, and tells both the same', async () => {
      const [cto, ada] = await Promise.all([open('cto'), open('ada')]);

      await words(ada.page).fill('not tonight');
      const decided = ({ page }: { page: Page }) =>
        page
          .getByText(/This request was (approved|refused)/)
          .first()
          .waitFor();

      await Promise.all([button(cto.page, 'Approve').click(), button(ada.page, 'Refuse').click()]);
      await Promise.all([decided(cto), decided(ada)]);
      const told = await Promise.all([headline(cto.page), headline(ada.page)]);

      expect(posts()).toBe(2);
      expect(world.answers).toHaveLength(1);
      expect(told[0]).toBe(told[1]);
      expect(told[0]).toMatch(/^This request was (approved by cto|refused by ada)$/);
    });

    it('needs no script', async () => {
      const { page } = await open('cto', { javaScriptEnabled: false });

      await words(page).fill('from a browser without scripts');
      await button(page, 'Approve').click();
      await page.getByText('This request was approved by cto').waitFor();

      expect(world.answers).toMatchObject([{ reason: 'from a browser without scripts' }]);
    });
  });

  describe('by keyboard alone', () => {
    const focused = (page: Page): Promise<string> =>
      page.evaluate<string>(
        'document.activeElement.value && document.activeElement.tagName === "BUTTON" ? document.activeElement.value : document.activeElement.id',
      );

    it('leads from the words to Approve and to Refuse, and shows where one is', async () => {
      const { page } = await open();
      const around = async (locator: Locator): Promise<Buffer> => {
        const { x, y, width, height } = (await locator.boundingBox()) ?? { x: 0, y: 0, width: 1, height: 1 };
        return page.screenshot({ clip: { x: x - 6, y: y - 6, width: width + 12, height: height + 12 } });
      };

      const stops: string[] = [];
      for (const locator of [words(page), button(page, 'Approve'), button(page, 'Refuse')]) {
        const before = await around(locator);
        await page.keyboard.press('Tab');
        const differs = !before.equals(await around(locator));
        stops.push(`${await focused(page)}${differs ? ', seen' : ''}`);
      }

      expect(stops).toEqual(['reason, seen', 'approve, seen', 'refuse, seen']);
    });

    it('decides by Enter on a button, not by Enter among the words', async () => {
      const { page } = await open();

      await page.keyboard.press('Tab');
      await page.keyboard.type('one');
      await page.keyboard.press('Enter');
      await page.keyboard.type('two');
      const undecided = [...world.answers];
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByText('This request was refused by cto').waitFor();

      expect(undecided).toEqual([]);
      expect(world.answers).toEqual([{ error: 'ApprovalRefused', cause: 'cto refused: one\ntwo' }]);
    });
  });

  describe('to every eye and ear', () => {
    const faint = async (page: Page): Promise<string[]> =>
      (await inksOf(page))
        .filter(({ contrast }) => contrast < 4.5)
        .map(({ where, text, contrast }) => `${where} “${text}” ${contrast.toFixed(2)}`);

    it('measures contrast as WCAG does', () => {
      expect(contrastOf([0, 0, 0, 1], [255, 255, 255, 1])).toBeCloseTo(21, 5);
      expect(contrastOf([118, 118, 118, 1], [255, 255, 255, 1])).toBeCloseTo(4.54, 2);
    });

    const faintIn = async (colorScheme: 'light' | 'dark'): Promise<string[]> => {
      const { page } = await open('cto', { colorScheme });
      const asked = await faint(page);
      await button(page, 'Approve').click();
      await page.getByText('This request was approved by cto').waitFor();
      return [...asked, ...(await faint(page))];
    };

    it('has contrast enough to be read by day', async () => {
      expect(await faintIn('light')).toEqual([]);
    });

    it('has contrast enough to be read by night', async () => {
      expect(await faintIn('dark')).toEqual([]);
    });

    it('tells a screen reader its language, one heading above all, and the name of every control', async () => {
      const { page } = await open();

      const heard = await heardOf(page);
      const controls = heard.filter(({ role }) => ['button', 'textbox', 'link', 'checkbox', 'combobox'].includes(role));

      expect(await page.locator('html').getAttribute('lang')).toBe('en');
      expect(heard.filter(({ role, level }) => role === 'heading' && level === 1).map(({ name }) => name)).toEqual([
        'orders: main → spare',
      ]);
      expect(controls.map(({ role, name }) => `${role} ${name}`)).toEqual([
        'textbox A word with it (a no needs one)',
        'button Approve',
        'button Refuse',
        'button Approve',
        'button Refuse',
      ]);
    });

    it('can be taken a picture of, in every size and scheme', async () => {
      const kept = process.env['CHANGEOVER_SHOTS'];
      const folder = kept ?? mkdtempSync(join(tmpdir(), 'changeover-shots-'));
      const { page } = await open();
      const signatures: string[] = [];
      try {
        for (const width of [360, 1280])
          for (const scheme of ['light', 'dark'] as const)
            signatures.push(readFileSync(await shoot(page, { width, scheme }, folder)).toString('latin1', 1, 4));
      } finally {
        if (kept === undefined) rmSync(folder, { recursive: true });
      }

      expect(signatures).toEqual(['PNG', 'PNG', 'PNG', 'PNG']);
    });
  });
});
