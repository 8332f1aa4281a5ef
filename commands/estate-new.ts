// npm run estate:new -- [FILE]: drafts an estate, by questions or from an account. 0 written, 1 refused by the account or its
// contents, 2 asked for what cannot be, 130 left.
import './quiet.ts';
import { lstatSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { awsAccounts } from '../shared/cloud/aws/account.ts';
import type { Accounts } from '../shared/cloud/account.ts';
import { RunbookError } from '../shared/errors.ts';
import { ESTATE_FILE, parseEstate } from '../shared/estate-file.ts';
import { mistakesAt } from '../shared/estate-mistakes.ts';
import { askOpen, askOutline, type Person } from './drafting/asking.ts';
import { withCopy } from './drafting/copies.ts';
import { draftEstate, type Draft } from './drafting/draft.ts';
import type { Choice } from './drafting/grouping.ts';
import { estateText } from './drafting/writing.ts';
import { SCHEMA_FILE } from './estate-schema.ts';
import { LEFT, personAt } from './terminal.ts';

const HELP = `npm run estate:new -- [FILE]                  asks, and writes FILE, which must not be there; ${ESTATE_FILE} unless said
npm run estate:new -- [FILE] --from-account   reads an account first: nothing in it is changed

  --region REGION    the Region that is read; AWS_REGION, or your profile's, unless said
  --app NAME         the application, where the account has several: things whose names or tags carry it
  --tag KEY=VALUE    only what carries this tag
  --leave-open       asks nothing: what the account does not tell is marked TO FILL IN

Credentials are found as the aws command line finds them, and AWS_ENDPOINT_URL is heeded. docs/estate.md lists the rights.
`;

export interface Surroundings {
  out(text: string): void;
  err(text: string): void;
  /** Undefined where nobody sits at a terminal. */
  readonly person: Person | undefined;
  readonly accounts: Accounts;
}

interface Asked extends Choice {
  readonly file: string;
  readonly fromAccount: boolean;
  readonly region: string | undefined;
  readonly leaveOpen: boolean;
}

export async function main(argv: readonly string[], around: Surroundings): Promise<number> {
  try {
    const asked = understand(argv);
    if (asked === 'help') {
      around.out(HELP);
      return 0;
    }
    requireFree(asked.file);
    const { sheet, leftOut } = await draft(asked, around);
    const text = estateText({ sheet: withCopy(sheet), leftOut, file: asked.file, schema: SCHEMA_FILE });
    write(asked.file, text);
    around.out(told(asked.file, text));
    return 0;
  } catch (error) {
    if (error instanceof Error && error.name === LEFT) {
      around.err('\nleft: nothing was written\n');
      return 130;
    }
    if (!(error instanceof RunbookError)) throw error;
    around.err(`${sayingTheWayOut(error)}\n`);
    return error.facts['usage'] === true ? 2 : 1;
  }
}

/** A run would try again by itself, and has its rights from its package: a person has neither. */
function sayingTheWayOut({ name, message }: RunbookError): string {
  if (name === 'CloudTransient') return message.replace('it is tried again', 'nothing was written: try again');
  return name === 'CloudRefused'
    ? `${message}; docs/estate.md lists the rights, --help says where credentials are found`
    : message;
}

const refused = (says: string): RunbookError => new RunbookError('InputInvalid', says, { usage: true });

const OPTIONS = {
  'from-account': { type: 'boolean' },
  region: { type: 'string' },
  app: { type: 'string' },
  tag: { type: 'string' },
  'leave-open': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function understand(argv: readonly string[]): Asked | 'help' {
  const { values, positionals } = parsed(argv);
  if (values.help === true) return 'help';
  const [file = ESTATE_FILE, ...more] = positionals;
  if (more.length > 0) throw refused(`FILE: found ${positionals.join(' and ')}, expected one file; say one`);
  const { region, app, tag } = values;
  const fromAccount = values['from-account'] ?? false;
  for (const option of ['region', 'app', 'tag', 'leave-open'] as const) {
    if (values[option] !== undefined && !fromAccount)
      throw refused(`--${option}: found without --from-account, expected with it; add --from-account, or leave it out`);
  }
  for (const [field, value] of Object.entries({ region, app })) {
    const [mistake] = value === undefined ? [] : mistakesAt([field], value);
    if (mistake) throw refused(`--${field}: found ${mistake.found}, expected ${mistake.expected}; ${mistake.wayOut}`);
  }
  const leaveOpen = values['leave-open'] ?? false;
  return {
    file,
    fromAccount,
    region,
    leaveOpen,
    ...(app !== undefined && { app }),
    ...(tag !== undefined && { tag: tagIn(tag) }),
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const [says = ''] = (error as Error).message.split('. ');
    throw refused(`${says}; --help tells the options`);
  }
}

function tagIn(said: string): { key: string; value: string } {
  const [, key, value] = /^([^=]+)=(.+)$/.exec(said) ?? [];
  if (key !== undefined && value !== undefined) return { key, value };
  throw refused(`--tag: found ${JSON.stringify(said)}, expected KEY=VALUE, as environment=main`);
}

/** Told before anybody answers a question in vain; whoever makes the file meanwhile keeps it, too. */
function requireFree(file: string): void {
  if (statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw refused(`${file}: found no folder ${dirname(file)}, expected one; make it, or say another file`);
  if (lstatSync(file, { throwIfNoEntry: false })) throw taken(file);
}

const taken = (file: string): RunbookError => {
  const other = `${file.replace(/\.ya?ml$/, '')}-new.yml`;
  return refused(
    `${file}: found a file, expected none, for it is never overwritten; say another: npm run estate:new -- ${other}`,
  );
};

async function draft(asked: Asked, { person, accounts, err }: Surroundings): Promise<Draft> {
  if (!asked.fromAccount) {
    if (person) return { sheet: await askOpen(await askOutline(person), person), leftOut: [] };
    throw refused('estate:new: found no terminal to ask at, expected one; run it at a terminal, or say --from-account');
  }
  err('reading the account …\n');
  const { sheet, leftOut } = draftEstate(await accounts.read(asked.region), asked);
  return { sheet: person && !asked.leaveOpen ? await askOpen(sheet, person) : sheet, leftOut };
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw taken(file);
    throw refused(`${file}: ${(error as Error).message}; say another file`);
  }
}

function told(file: string, text: string): string {
  const check = `npm run estate:check -- ${file}`;
  try {
    parseEstate(text, file);
    return `${file} is written, and sound. Check every line, then: ${check}\n`;
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    const { mistakes } = error.facts;
    return `${file} is written. ${String(mistakes)} ${mistakes === 1 ? 'line is' : 'lines are'} to be filled in; this names them: ${check}\n`;
  }
}

async function run(): Promise<number> {
  const atTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const person = atTerminal ? personAt(process.stdin, process.stdout) : undefined;
  const out = (text: string) => void process.stdout.write(text);
  const err = (text: string) => void process.stderr.write(text);
  try {
    return await main(process.argv.slice(2), { out, err, person, accounts: awsAccounts() });
  } finally {
    person?.leave();
  }
}

if (require.main === module)
  void run().then((code) => {
    process.exitCode = code;
  });
