// What the rounds of a soak came to, as a table: what was brought back, where it was killed, how it ended, who went on with it.

export interface RoundLine {
  readonly seed: number;
  readonly kind: string;
  readonly kill: { readonly how: string; readonly state: string };
  readonly killed: boolean;
  /** The run that was killed, and the one after it. */
  readonly ended: readonly { readonly status: string; readonly error: string | null; readonly cause: string | null }[];
  readonly continued: string;
  readonly onOld: boolean;
  readonly findings: readonly string[];
}

const HEAD = ['kind', 'killed in', 'how', 'it ended', 'continued', 'that ended', 'people are on', 'rounds', 'findings'];

/** Rounds that went the same way are one row. */
export function roundsTable(lines: readonly RoundLine[]): string {
  const rows = new Map<string, { cells: string[]; rounds: number; findings: number }>();
  for (const line of lines) {
    const cells = cellsOf(line);
    const known = rows.get(cells.join('\t')) ?? { cells, rounds: 0, findings: 0 };
    rows.set(cells.join('\t'), { cells, rounds: known.rounds + 1, findings: known.findings + line.findings.length });
  }
  const told = [...rows].sort(([one], [other]) => (one < other ? -1 : 1));
  const body = told.map(([, { cells, rounds, findings }]) => [...cells, String(rounds), String(findings)]);
  return [...aligned([HEAD, ...body]), '', totalOf(lines)].join('\n');
}

function cellsOf({ kind, kill, killed, ended, continued, onOld }: RoundLine): string[] {
  const [first, next] = ended.map(({ status, error }) => (status === 'SUCCEEDED' ? 'green' : (error ?? status)));
  return [kind, kill.state, killed ? kill.how : 'not met', first ?? '', continued, next ?? '', onOld ? 'old' : 'new'];
}

function totalOf(lines: readonly RoundLine[]): string {
  const found = lines.filter(({ findings }) => findings.length > 0);
  const met = lines.filter(({ killed }) => killed).length;
  const seeds = found.map(({ seed }) => seed).join(', ');
  return `${lines.length} rounds, ${met} of them killed; ${found.length} with findings${seeds === '' ? '' : `: ${seeds}`}`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
