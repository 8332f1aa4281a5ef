// More than one person at the page: two who must agree, one who goes alone, and one who stops it.
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { announceCountdown } from '../../functions/approve/announce-countdown.ts';
import { heedSilence } from '../../functions/approve/heed-silence.ts';
import { requestApproval } from '../../functions/approve/request-approval.ts';
import { Estate } from '../../shared/estate.ts';
import { runStep } from '../../shared/step.ts';
import { linkIn } from '../steps/pressing.ts';
import { pageOver } from '../steps/served.ts';
import { planned, RUN } from '../steps/small-run.ts';
import { createSmallWorld, SMALL_ESTATE, type SmallWorld } from '../steps/small-world.ts';
import { TELEPHONE, useBrowser } from './browser.ts';
import { serveFunctionUrl, type FunctionUrl } from './function-url.ts';

const URL_OF_PAGE = 'https://x.lambda-url.eu-west-1.on.aws/';

let world: SmallWorld;
let url: FunctionUrl;
beforeEach(async () => {
  world = createSmallWorld(undefined, Estate.parse({ ...SMALL_ESTATE, approval: { quorum: 2 } }));
  const plan = await planned(world);
  await runStep(requestApproval, { token: 'first', run: RUN, plan, approved: null, round: 1, url: URL_OF_PAGE }, world);
  url = await serveFunctionUrl(pageOver(world));
});
afterEach(() => url.close());

const { inBrowser, visit } = useBrowser();

inBrowser('two who must agree', () => {
  const open = async (approver: string, nth = 0): Promise<Page> => {
    const { page } = await visit({});
    const { pathname, search } = linkIn(world, approver, nth);
    await page.goto(`http://approve.orders.test:${url.port}${pathname}${search}`);
    return page;
  };
  const press = (page: Page, name: string) => page.getByRole('button', { name }).first().click();
  const goAlone = async (page: Page, typed: string): Promise<void> => {
    await page.getByLabel('Type orders').fill(typed);
    await press(page, 'Go alone');
  };
  const countDown = () => runStep(announceCountdown, { token: 'second', run: RUN, round: 1, url: URL_OF_PAGE }, world);

  it('agree one after the other, and each is told how far it is', async () => {
    const [cto, ada] = [await open('cto'), await open('ada')];
    await press(cto, 'Approve');
    await cto.getByText('1 of 2 have approved').waitFor();
    const afterOne = [...world.answers];
    await press(ada, 'Approve');
    await ada.getByText('This request was approved by cto and ada').waitFor();
    await cto.reload();

    expect(afterOne).toEqual([]);
    expect(await cto.getByRole('heading', { level: 1 }).innerText()).toBe('This request was approved by cto and ada');
    expect(world.answers).toMatchObject([{ approvedBy: 'cto and ada' }]);
  });

  it('can be one alone, who typed the name: everybody sees the countdown, which looks again by itself', async () => {
    const cto = await open('cto');
    await goAlone(cto, 'main');
    await cto.getByText('To go alone type orders; found "main".').waitFor();
    await goAlone(cto, 'orders');
    await cto.getByText('cto goes alone in 60 s').waitFor();
    await countDown();
    const ada = await open('ada', -1);
    await ada.getByText('cto goes alone in 60 s').waitFor();
    world.setNow('2026-01-15T03:13:00.000Z');
    await runStep(heedSilence, { run: RUN, round: 1 }, world);
    await ada.getByText('This request was approved by cto alone').waitFor();

    expect(world.answers).toMatchObject([
      { approvedBy: 'cto alone', countdown: true },
      { approvedBy: 'cto alone', countdown: false },
    ]);
  });

  it('is stopped by one press of the other, and both are told', async () => {
    const cto = await open('cto');
    await goAlone(cto, 'orders');
    await cto.getByText('cto goes alone').first().waitFor();
    await countDown();
    const ada = await open('ada', -1);
    await press(ada, 'Stop');
    await ada.getByText('This request was refused by ada').waitFor();
    await cto.getByText('This request was refused by ada').waitFor();

    expect(world.answers.at(-1)).toEqual({ error: 'ApprovalRefused', cause: 'ada refused: stopped the countdown of cto' });
  });

  it('never goes alone by Enter in the wrong place, and Enter beside the name never approves', async () => {
    const cto = await open('cto');
    await cto.getByLabel('Type orders').fill('');
    await cto.keyboard.press('Enter');
    await cto.getByText('To go alone type orders').waitFor();

    expect(world.answers).toEqual([]);
  });

  it('have all of it on a telephone, none of it wider than the screen', async () => {
    const cto = await open('cto');
    await cto.setViewportSize(TELEPHONE);

    expect(await cto.getByRole('heading', { name: 'Nobody else is awake?' }).isVisible()).toBe(true);
    expect(await cto.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(TELEPHONE.width);
  });
});
