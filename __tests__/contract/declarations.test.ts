import { describe, expect, it } from '@jest/globals';
import { ERROR_NAMES } from '../../shared/errors.ts';
import { RollcallRequest } from '../../shared/runbooks/rollcall.ts';
import { functions, list, machines, read, roles } from './service.ts';

const REQUESTS: Record<string, { safeParse(value: unknown): { success: boolean } }> = { rollcall: RollcallRequest };
/** Fixtures that show a refusal. */
const HOSTILE = ['events/rollcall/unknown-field.json'];

describe('events', () => {
  it.each(list('events', /\.json$/).filter((file) => !file.startsWith('events/steps/')))(
    '%s is what its runbook takes',
    (file) => {
      const runbook = file.split('/')[1] ?? '';

      const parsed = REQUESTS[runbook]?.safeParse(JSON.parse(read(file)));

      expect(parsed?.success).toBe(!HOSTILE.includes(file));
    },
  );

  it('explain themselves: every one that is taken carries a reason', () => {
    const silent = list('events', /\.json$/)
      .filter((file) => !file.startsWith('events/steps/') && !HOSTILE.includes(file))
      .filter((file) => typeof (JSON.parse(read(file)) as { reason?: unknown }).reason !== 'string');

    expect(silent).toEqual([]);
  });
});

describe('errors', () => {
  it('are the same names in the code and in docs/errors.md, both ways', () => {
    const documented = [...read('docs/errors.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);

    expect(documented.sort()).toEqual([...ERROR_NAMES].sort());
  });
});

describe('functions', () => {
  it('are one file each, exported under the key’s own name', () => {
    for (const [key, { handler }] of Object.entries(functions())) {
      expect(read(handler.replace(/\.handler$/, '.ts'))).toContain(`export const ${key} = define`);
    }
  });

  it('leave no step file undeclared', () => {
    const declared = Object.values(functions()).map(({ handler }) => handler.replace(/\.handler$/, '.ts'));

    expect(list('functions', /\.ts$/)).toEqual(declared.sort());
  });

  it('stay within forty lines a step', () => {
    const long = list('functions', /\.ts$/).filter((file) => read(file).trimEnd().split('\n').length > 40);

    expect(long).toEqual([]);
  });

  it('have a role of their own, and no other function’s', () => {
    const worn = Object.values(functions()).map(({ role }) => role);

    expect(new Set(worn).size).toBe(worn.length);
    expect(Object.keys(roles())).toEqual(expect.arrayContaining(worn));
  });
});

describe('permissions', () => {
  const statements = Object.entries(roles()).flatMap(([role, { Properties }]) =>
    Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.map((statement) => ({ role, ...statement }))),
  );

  it('never allow every action, and every resource only to log deliveries, which have no name', () => {
    const wide = statements.filter(({ Action }) => Action.some((action) => action.includes('*')));
    const everywhere = statements.filter(({ Resource }) => Resource === '*');

    expect(wide).toEqual([]);
    expect(everywhere.flatMap(({ Action }) => Action).every((action) => action.startsWith('logs:'))).toBe(true);
  });

  it('let only the answering function answer a waiting task', () => {
    const holders = statements.filter(({ Action }) => Action.some((action) => action.startsWith('states:SendTask')));

    expect(holders.map(({ role }) => role)).toEqual(['AnswerApprovalRole']);
  });
});

describe('docs', () => {
  it('list each runbook and each step once in the README', () => {
    const readme = read('README.md');
    const named = [...machines().map(({ runbook }) => runbook), ...Object.keys(functions())];

    for (const name of named) expect(readme.match(new RegExp(`^\\| \`${name}\` \\|`, 'gm')) ?? []).toHaveLength(1);
  });

  it('tell no path of a machine they were written on', () => {
    const telling = [...list('docs', /\.md$/), 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].filter((file) =>
      /(^|[\s`(])\/(work|root|home)\//m.test(read(file)),
    );

    expect(telling).toEqual([]);
  });
});
