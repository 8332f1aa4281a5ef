// node --import tsx __tests__/copies/compare-databases.ts URL URL [--role LEFT=RIGHT]... [--leave-out KIND]...
// Prints what differs between two databases. 0 nothing, 1 something, 2 not understood or not reached.
import { parseArgs } from 'node:util';
import { compareDatabases, type Difference } from './comparison/compare.ts';

const LONGEST = 600;
const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

export const told = ({ kind, item, left, right }: Difference): string =>
  [`${kind}: ${item}`, ...left.map((text) => `  < ${cut(text)}`), ...right.map((text) => `  > ${cut(text)}`)].join('\n');

export async function main(argv: readonly string[]): Promise<number> {
  const many = { type: 'string', multiple: true } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { role: many, 'leave-out': many },
      allowPositionals: true,
    });
    const [left, right, ...more] = positionals;
    if (left === undefined || right === undefined || more.length > 0)
      throw new Error('two databases are compared, each as postgresql://…');
    const roles = Object.fromEntries((values.role ?? []).map((pair) => pair.split('=') as [string, string]));
    const options = { roles, leaveOut: values['leave-out'] ?? [] };
    const differences = await compareDatabases({ connectionString: left }, { connectionString: right }, options);
    for (const difference of differences) process.stdout.write(`${told(difference)}\n`);
    return differences.length > 0 ? 1 : 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
}

if (require.main === module) void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
