import { describe, expect, it } from '@jest/globals';
import { ERROR_NAMES } from '../../shared/errors.ts';
import { REQUESTS } from '../../shared/runbooks/requests.ts';
import { functions, list, machines, read, roles } from './service.ts';

/** Fixtures that show a refusal. */
const HOSTILE = [
  'events/failover/unknown-field.json',
  'events/restore/unknown-field.json',
  'events/rewind/unknown-field.json',
  'events/retention/unknown-field.json',
  'events/rollback/unknown-field.json',
  'events/rollcall/unknown-field.json',
  'events/sync/unknown-field.json',
];

describe('events', () => {
  it.each(list('events', /\.json$/).filter((file) => !file.startsWith('events/steps/')))(
    '%s is what its runbook takes',
    (file) => {
      const runbook = (file.split('/')[1] ?? '') as keyof typeof REQUESTS;

      const parsed = REQUESTS[runbook].safeParse(JSON.parse(read(file)));

      expect(parsed.success).toBe(!HOSTILE.includes(file));
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
      expect(read(handler.replace(/\.handler$/, '.ts'))).toMatch(new RegExp(`export const (${key} = define|answerFenced = )`));
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

  /** AWS takes no resource for these. */
  const NAMELESS = /^(logs:|ec2:(Create|Describe|Delete)NetworkInterfaces?$|elasticloadbalancing:Describe)/;

  it('never allow every action, and every resource only where AWS takes none narrower', () => {
    const wide = statements.filter(({ Action }) => Action.some((action) => action.includes('*')));
    const everywhere = statements.filter(({ Resource }) => Resource === '*');

    expect(wide).toEqual([]);
    expect(everywhere.flatMap(({ Action }) => Action).filter((action) => !NAMELESS.test(action))).toEqual([]);
  });

  it('let only the answering function answer a waiting task', () => {
    const holders = statements.filter(({ Action }) => Action.some((action) => action.startsWith('states:SendTask')));

    expect(holders.map(({ role }) => role)).toEqual(['AnswerApprovalRole']);
  });
});

describe('powers', () => {
  const MUTATES =
    /^(route53:Change|elasticloadbalancing:(Create|Delete|Modify|Set|Add|Remove)|rds:(?!Describe|List)|states:(Stop|SendTask))/;
  const folderOf = (key: string): string => functions()[key]?.handler.split('/')[1] ?? '';
  const actionsOf = (role: string): string[] =>
    (roles()[role]?.Properties.Policies ?? []).flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.flatMap(({ Action }) => Action),
    );

  it.each(Object.entries(functions()))(
    '%s may change the world only if it lives among the acts, makes something aside or answers a task',
    (key, { role }) => {
      const mutating = actionsOf(role).filter((action) => MUTATES.test(action));

      expect(mutating.length === 0 || ['prepare', 'act', 'approve'].includes(folderOf(key))).toBe(true);
    },
  );

  it('over records are limited to names, types and actions, and each limit must be present', () => {
    const moving = Object.values(roles()).flatMap(({ Properties }) =>
      Properties.Policies.flatMap(({ PolicyDocument }) =>
        PolicyDocument.Statement.filter(({ Action }) => Action.includes('route53:ChangeResourceRecordSets')),
      ),
    );

    // The names that people ask for, moved and put back; the CNAME of a database, pointed and pointed back.
    expect(moving).toHaveLength(4);
    for (const { Condition } of moving) {
      const limited = Condition?.['ForAllValues:StringEquals'] ?? {};
      expect(Object.keys(limited)).toHaveLength(3);
      expect(Condition?.['Null']).toEqual(Object.fromEntries(Object.keys(limited).map((key) => [key, 'false'])));
    }
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
