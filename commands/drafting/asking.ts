// Asks a person for what is open: each answer is judged at once, as estate:check would judge it.
import { aboutField, mistakesAt } from '../../shared/estate-mistakes.ts';
import { dotted, type Path } from '../../shared/estate-rules/mistake.ts';
import { blankEstate } from './blank.ts';
import { withCopy } from './copies.ts';
import { fields, known, openIn, put, type Fields, type Sheet, type Value } from './sheet.ts';

/** Whoever sits at the terminal. */
export interface Person {
  tell(text: string): void;
  /** What they answered, in one line; throws when they leave. */
  answer(): Promise<string>;
}

/** Asks for everything that is open, and for what the answers open. */
export async function askOpen(sheet: Fields, person: Person): Promise<Fields> {
  const asked = await askEach(
    sheet,
    openIn(sheet).map(({ path }) => path),
    person,
  );
  const before = new Set(openIn(asked).map(({ path }) => dotted(path)));
  const copied = withCopy(asked);
  const opened = openIn(copied).filter(({ path }) => !before.has(dotted(path)));
  return askApprovers(
    await askEach(
      copied,
      opened.map(({ path }) => path),
      person,
    ),
    person,
  );
}

async function askEach(sheet: Fields, paths: readonly Path[], person: Person): Promise<Fields> {
  const open = new Map(openIn(sheet).map((one) => [dotted(one.path), one.open]));
  let filled: Sheet = sheet;
  for (const path of paths) {
    const { hint = '', optional = false } = open.get(dotted(path)) ?? {};
    const value = await askFor(path, person, optional ? 'Enter leaves it out' : 'Enter leaves it open', hint);
    if (value !== undefined) filled = put(filled, path, known(value));
  }
  return filled as Fields;
}

async function askFor(path: Path, person: Person, ifEmpty: string, hint = ''): Promise<Value | undefined> {
  const { description, expected, example } = aboutField(path);
  const told = [expected, example, hint, ifEmpty].filter((part) => part !== undefined && part !== '');
  person.tell(`\n${dotted(path)}: ${description}\n  (${told.join('; ')})\n`);
  for (;;) {
    const said = (await person.answer()).trim();
    if (said === '') return undefined;
    const { value, mistakes } = understood(path, said);
    if (value !== undefined) return value;
    person.tell(mistakes.map((line) => `  ${line}\n`).join(''));
  }
}

/** What was said as text, number, truth or list: whichever the field takes. */
function understood(path: Path, said: string): { value?: Value; mistakes: string[] } {
  const several = said.split(/[\s,]+/).filter(Boolean);
  const forms: Value[] = [said, Number(said), said === 'true', several];
  const value = forms.filter((form) => form !== false || said === 'false').find((form) => mistakesAt(path, form).length === 0);
  if (value !== undefined) return { value, mistakes: [] };
  const wrong = mistakesAt(path, said);
  const told = wrong[0]?.expected === 'a list' ? mistakesAt(path, several) : wrong;
  return { mistakes: told.map(({ found, expected, wayOut }) => `found ${found}, expected ${expected}; ${wayOut}`) };
}

async function askApprovers(sheet: Fields, person: Person): Promise<Fields> {
  const found = sheet.fields.find(([name]) => name === 'approvers')?.[1];
  if (found?.kind !== 'list' || openIn(found).length > 0) return sheet;
  const items = [...found.items];
  for (;;) {
    const at = ['approvers', items.length];
    const name = await askFor([...at, 'name'], person, 'Enter: there is no other');
    const email = name === undefined ? undefined : await askFor([...at, 'email'], person, 'Enter leaves them out');
    if (name === undefined || email === undefined) return put(sheet, ['approvers'], { ...found, items }) as Fields;
    items.push(fields({ name: known(name), email: known(email) }));
  }
}

/** What must be known before anything else can be asked. */
export async function askOutline(person: Person): Promise<Fields> {
  const app = await askUntil(['app'], person);
  const region = await askUntil(['region'], person);
  const environments = await askSeveral('environments: Every environment, by a name of its own', 'main, spare', person, (name) =>
    mistakesAt(['environments'], { [name]: {} }).filter(({ path }) => path.length === 2),
  );
  const names = await askSeveral(
    'names: The public names that people and programs ask for',
    'app.example.test.',
    person,
    (name) => mistakesAt(['names', 0, 'name'], name),
  );
  return blankEstate({ app, region, environments, names });
}

async function askUntil(path: Path, person: Person): Promise<string> {
  for (;;) {
    const value = await askFor(path, person, 'it is needed');
    if (typeof value === 'string') return value;
  }
}

async function askSeveral(
  what: string,
  example: string,
  person: Person,
  judge: (name: string) => ReturnType<typeof mistakesAt>,
): Promise<string[]> {
  person.tell(`\n${what}\n  (one or more, as ${example})\n`);
  for (;;) {
    const names = [...new Set((await person.answer()).split(/[\s,]+/).filter(Boolean))];
    const mistakes = names.flatMap(judge);
    if (names.length > 0 && mistakes.length === 0) return names;
    person.tell(mistakes.map(({ found, expected, wayOut }) => `  found ${found}, expected ${expected}; ${wayOut}\n`).join(''));
  }
}
