// The estate of the repository, as text and as a value, and ways to break it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { RunbookError } from '../../shared/errors.ts';
import type { Estate } from '../../shared/estate.ts';
import { parseEstate } from '../../shared/estate-file.ts';

export const SOUND = readFileSync(join(__dirname, '..', '..', 'estate.yml'), 'utf8');
export const sound = (): Estate => parseEstate(SOUND, 'estate.yml');

type Tree = { [field: string]: Tree } & Tree[];

/** The estate with something done to it, written out again. */
export function changed(change: (estate: Tree) => unknown): string {
  const estate = parse(SOUND) as Tree;
  change(estate);
  return stringify(estate, { aliasDuplicateObjects: false });
}
/** Sets fields by their paths (`environments.main.role`, `copies[0]`); undefined takes one away. */
export const having = (fields: Readonly<Record<string, unknown>>): string =>
  changed((estate) => {
    for (const [path, value] of Object.entries(fields)) {
      const parts = path.replace(/\[(\d+)\]/g, '.$1').split('.');
      const last = parts.pop() ?? '';
      const place = parts.reduce<Record<string, unknown>>(
        (at, part) => (at[part] ??= {}) as Record<string, unknown>,
        estate as never,
      );
      if (value === undefined) Reflect.deleteProperty(place, last);
      else place[last] = value;
    }
  });

/** What is said of it, a line a mistake; without the file, and without lines, which `stringify` decides. */
export function mistakesOf(text: string): string[] {
  try {
    parseEstate(text, 'e.yml');
    return [];
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    return error.message.split('\n').map((line) => line.replace(/^e\.yml:\d+:\d+ /, ''));
  }
}
