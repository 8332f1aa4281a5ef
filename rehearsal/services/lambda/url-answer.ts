// What a function's answer means as HTTP.
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

export const plainAnswer = (status: number, body: object | string, headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});

/** The function failed, or answered what is no HTTP answer. */
export const badGateway = (): HttpAnswer =>
  plainAnswer(502, 'Internal Server Error', { 'x-amzn-errortype': 'InternalServerErrorException' });

/** An answer without a status code is the body of a 200. */
export function httpAnswer(payload: string): HttpAnswer {
  const value = JSON.parse(payload) as unknown;
  if (typeof value === 'string') return plainAnswer(200, value);
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) return plainAnswer(200, payload);
  const { statusCode, headers, cookies, body, isBase64Encoded } = value as Record<string, unknown>;
  const status = typeof statusCode === 'string' && /^\d{3}$/.test(statusCode) ? Number(statusCode) : statusCode;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 100 || status > 599) return badGateway();
  if (body !== undefined && body !== null && typeof body !== 'string') return badGateway();
  const written = headersOf(headers);
  if (written === undefined || (cookies !== undefined && !isStrings(cookies))) return badGateway();
  return {
    status,
    headers: {
      ...('content-type' in written ? {} : { 'content-type': 'application/json' }),
      ...written,
      ...(cookies && { 'set-cookie': cookies }),
    },
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

function headersOf(headers: unknown): Record<string, string> | undefined {
  if (headers === undefined || headers === null) return {};
  if (typeof headers !== 'object' || Array.isArray(headers)) return undefined;
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) return undefined;
    found[name.toLowerCase()] = String(value);
  }
  return found;
}
