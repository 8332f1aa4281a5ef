// Where processes keep what V8 made of their bundles (child/compiled.cjs), from run to run.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const COMPILED = join(__dirname, '..', '..', '.rehearsal', 'compiled');

/** One of a bundle is about 1.5 MB; every change of a source makes new bundles, and so does every estate. */
const MOST_KEPT = 200;

/** The oldest go. Whoever was about to read one compiles for himself. */
export function pruneCompiled(folder = COMPILED, most = MOST_KEPT): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  if (names.length <= most) return;
  const aged = names.flatMap((name) => {
    const made = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs;
    return made === undefined ? [] : [{ name, made }];
  });
  aged.sort((one, other) => other.made - one.made);
  for (const { name } of aged.slice(most)) rmSync(join(folder, name), { force: true });
}
