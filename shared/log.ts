// One JSON line per fact, at the edges only.
import { describeError } from './errors.ts';

type Fields = Readonly<Record<string, unknown>>;

const write = (level: 'info' | 'error', message: string, fields: Fields): void => {
  const line = JSON.stringify({ level, message, ...fields }, (_key, value: unknown) =>
    value instanceof Error ? describeError(value) : value,
  );
  process.stdout.write(`${line}\n`);
};

export const log = {
  info: (message: string, fields: Fields = {}): void => write('info', message, fields),
  error: (message: string, fields: Fields = {}): void => write('error', message, fields),
};
