// npm run approve -- ID --code CODE: reads what is asked and answers it, for when Slack is down. Asks the Region's Lambda, nobody else.
import './quiet.ts';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { invokePage } from '../shared/cloud/aws/page.ts';
import { isApprovalId } from '../shared/runbooks/approval.ts';
import { LEFT, personAt } from './terminal.ts';

const USAGE = `npm run approve -- ID --code CODE [--refuse --reason "…"] [--alone NAME] [--stop] [--yes] [--stage dev]

  ID and CODE are in the message that was sent to you alone. Without --code you are asked for it.
  It prints what is asked, and answers only when you say yes; --yes says so beforehand.
  AWS credentials that may lambda:InvokeFunction on changeover-<stage>-answerApproval are taken from the environment.`;

const Told = z.object({ standing: z.string(), lines: z.array(z.string()), nonce: z.string().optional() });
type Told = z.infer<typeof Told>;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
class Misused extends Error {}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        code: { type: 'string' },
        refuse: { type: 'boolean', default: false },
        alone: { type: 'string' },
        stop: { type: 'boolean', default: false },
        reason: { type: 'string', default: '' },
        yes: { type: 'boolean', default: false },
        stage: { type: 'string', default: 'dev' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Misused((error as Error).message);
  }
}

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  if (values.help) return (say(USAGE), 0);
  const id = positionals[0] ?? '';
  if (positionals.length !== 1 || !isApprovalId(id))
    throw new Misused(`ID: found "${positionals.join(' ')}", expected the twelve letters and digits of the message`);
  if ([values.refuse, values.alone !== undefined, values.stop].filter(Boolean).length > 1)
    throw new Misused('found more than one of --refuse, --alone and --stop, expected at most one');
  if (values.refuse && values.reason.trim() === '') throw new Misused('--reason: found none, expected why you refuse');
  const code = values.code ?? (await ask('Code: '));
  const page = async (method: 'GET' | 'POST', fields: Record<string, string>): Promise<Told> =>
    Told.parse(
      JSON.parse(
        await invokePage(`changeover-${values.stage}-answerApproval`, method, `/approvals/${id}`, { k: code, ...fields }),
      ),
    );

  const asked = await page('GET', {});
  say(asked.lines.join('\n'));
  if (asked.nonce === undefined) return asked.standing === 'decided' ? 0 : 1;
  const answer = values.refuse ? 'refuse' : values.stop ? 'stop' : values.alone === undefined ? 'approve' : 'alone';
  if (!values.yes && (await ask(`\nType yes to ${WORDS[answer]}: `)) !== 'yes') return (say('Nothing was decided.'), 1);
  const done = await page('POST', { n: asked.nonce, answer, reason: values.reason, typed: values.alone ?? '' });
  say(`\n${done.lines.join('\n')}`);
  return ['decided', 'answered', 'counting'].includes(done.standing) ? 0 : 1;
}
const WORDS = { approve: 'approve', refuse: 'refuse', stop: 'stop the countdown', alone: 'go alone' } as const;

/** Whoever leaves instead of answering has decided nothing. */
async function ask(question: string): Promise<string> {
  const person = personAt(process.stdin, process.stderr);
  try {
    person.tell(question);
    return (await person.answer()).trim();
  } finally {
    person.leave();
  }
}

const LEFT_CODE = 130;

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    const says = error instanceof Error ? error.message : String(error);
    process.stderr.write(error instanceof Misused ? `${says}\n\n${USAGE}\n` : `${says}\n`);
    process.exitCode = error instanceof Misused ? 2 : error instanceof Error && error.name === LEFT ? LEFT_CODE : 1;
  },
);
