// The estates of examples/, and the pages that walk through the documents they come from.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { listSituations, loadSituation } from '../../rehearsal/run/situation.ts';
import { FAILOVER_LIMITS } from '../../shared/runbooks/failover-limits.ts';
import { ROLLBACK_LIMITS } from '../../shared/runbooks/rollback-limits.ts';
import { list, machines, ROOT } from '../contract/service.ts';
import { mistakesOf } from './estates.ts';

const EXAMPLES = list('examples', /\.yml$/);
const PAGES = list('docs/seeds', /\.md$/);
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const found = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);
const SITUATIONS = listSituations();
/** What is agreed on and may be called later. */
const LATER = 'promotion cutover refresh release drill readiness parity edge'.split(' ');

describe.each(EXAMPLES)('%s', (file) => {
  it('is sound', () => {
    expect(mistakesOf(read(file))).toEqual([]);
  });

  it('is rehearsed, and has a page that says how', () => {
    const rehearsed = SITUATIONS.filter((name) => loadSituation(name).estate === file);

    const page = read(`docs/seeds/${basename(file, '.yml')}.md`);

    expect(rehearsed).not.toEqual([]);
    expect(rehearsed.filter((name) => !page.includes(`npm run rehearse -- ${name}\n`))).toEqual([]);
  });
});

describe.each(PAGES)('%s', (file) => {
  const page = read(file);

  it('names only situations, runbooks and limits that there are', () => {
    const runbooks = machines().map(({ runbook }) => runbook);
    const limits = [...FAILOVER_LIMITS, ...ROLLBACK_LIMITS].map(({ name }) => name);
    const situations = found(page, /\b((?:failover|rollback|rollcall)\/[a-z0-9-]+)/g);

    expect(situations.filter((name) => !SITUATIONS.includes(name))).toEqual([]);
    expect(found(page, /\*\*([a-z]+)\*\*/g).filter((name) => ![...runbooks, 'name'].includes(name))).toEqual([]);
    expect(found(page, /\*later: ([a-z]+)\*/g).filter((name) => ![...LATER, 'name'].includes(name))).toEqual([]);
    expect(limitsIn(page).filter((name) => !limits.includes(name))).toEqual([]);
  });

  it('is about an estate that is there', () => {
    expect(EXAMPLES).toContain(`examples/${basename(file, '.md')}.yml`);
  });
});

/** "limit `a`", "limits `a`, `b` and `c`". */
function limitsIn(page: string): string[] {
  return found(page, /\blimits? ((?:`[a-z-]+`(?:, | and )?)+)/g).flatMap((said) => found(said, /`([a-z-]+)`/g));
}
