// What a person sees of a page, measured: how far text stands out from what is behind it, and what is said to who cannot see it.
import type { Page } from 'playwright-core';

export interface Ink {
  readonly text: string;
  readonly where: string;
  /** By WCAG 2.2: 1 is invisible, 21 is black on white. */
  readonly contrast: number;
}

type Colour = readonly [red: number, green: number, blue: number, alpha: number];
interface Painted {
  readonly text: string;
  readonly where: string;
  readonly colour: string;
  /** From the element outwards, until one is opaque. */
  readonly behind: readonly string[];
}

/** Every element that has words of its own and is shown, with its colours as the browser computed them. A string: the tests know no DOM. */
const PAINTED = `[...document.body.querySelectorAll('*')]
  .filter((element) => element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
  .map((element) => {
    const behind = [];
    for (let around = element; around; around = around.parentElement) behind.push(getComputedStyle(around).backgroundColor);
    const where = element.tagName.toLowerCase() + (element.className ? '.' + element.className : '');
    return { text: element.textContent.trim().slice(0, 40), where, colour: getComputedStyle(element).color, behind };
  })`;

export async function inksOf(page: Page): Promise<Ink[]> {
  const painted = await page.evaluate<Painted[]>(PAINTED);
  return painted.map(({ text, where, colour, behind }) => {
    const ground = behind.map(parse).reduceRight((under, over) => blend(over, under), [255, 255, 255, 1] as Colour);
    return { text, where, contrast: contrastOf(blend(parse(colour), ground), ground) };
  });
}

export interface Heard {
  readonly role: string;
  readonly name: string;
  readonly level: number | null;
}

/** What a screen reader is told, in its order. */
export async function heardOf(page: Page): Promise<Heard[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, properties }) => {
      const level: unknown = properties?.find((property) => property.name === 'level')?.value.value;
      return { role: String(role?.value), name: String(name?.value ?? ''), level: typeof level === 'number' ? level : null };
    });
}

function parse(css: string): Colour {
  const [red, green, blue, alpha = 1] = (css.match(/[\d.]+/g) ?? []).map(Number);
  if (!/^rgba?\(/.test(css) || red === undefined || green === undefined || blue === undefined)
    throw new Error(`${css} is a colour that this does not read`);
  return [red, green, blue, alpha];
}

function blend([red, green, blue, alpha]: Colour, under: Colour): Colour {
  const over = (one: number, other: number): number => one * alpha + other * (1 - alpha);
  return [over(red, under[0]), over(green, under[1]), over(blue, under[2]), 1];
}

export function contrastOf(one: Colour, other: Colour): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance([red, green, blue]: Colour): number {
  const linear = (value: number): number => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
