// What the application answers: JSON with a status, and which of a database's errors is whose fault.

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});

export const refuse = (status: number, error: string): Answer => json(status, { error });

/** Why the database did not do it, without its SQL or its rows. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code === undefined ? (message ?? String(error)) : `${code}: ${message ?? ''}`;
}

/** Integrity (23…) and data (22…) are the request's fault; everything else means that the database cannot serve us now. */
export function answerTrouble(error: unknown): Answer {
  const { code = '' } = error as { code?: string };
  if (/^2[23]/.test(code)) return refuse(409, `the database does not take it (${code})`);
  return json(503, { error: 'the database does not answer', reason: reasonOf(error) }, { 'retry-after': '5' });
}
