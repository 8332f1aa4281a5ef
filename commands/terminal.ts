// The person at the terminal, a line at a time. Lines that are pasted ahead are kept for the questions that follow.
import { createInterface } from 'node:readline';
import type { Person } from './drafting/asking.ts';

/** Thrown by a question whose asker was left, by Ctrl-C or Ctrl-D. */
export const LEFT = 'Left';

export function personAt(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Person & { leave(): void } {
  const reader = createInterface({ input, output, prompt: '> ' });
  reader.on('SIGINT', () => reader.close());
  const lines = reader[Symbol.asyncIterator]();
  return {
    tell: (text) => void output.write(text),
    async answer() {
      reader.prompt();
      const { done, value } = (await lines.next()) as IteratorResult<string, undefined>;
      if (done !== true) return value;
      throw Object.assign(new Error('nobody answers any more'), { name: LEFT });
    },
    leave: () => reader.close(),
  };
}
