// What a chat service is asked and answers, as HTTP carries it.
import type { IncomingHttpHeaders } from 'node:http';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const jsonReply = (status: number, body: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(body),
});

export const textReply = (status: number, body: string, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
  body,
});

export type Fields = Readonly<Record<string, unknown>>;

/** An object out of JSON; a reason in words where it is none. */
export function parseObject(text: string): { fields: Fields } | { trouble: 'no JSON' | 'no object' } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { trouble: 'no object' };
    return { fields: value as Fields };
  } catch {
    return { trouble: 'no JSON' };
  }
}

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
export const fieldsIn = (value: unknown): Fields[] => (Array.isArray(value) ? (value as unknown[]).filter(isFields) : []);
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
/** Slack's form posts carry words for what JSON says plainly. */
export const isFalse = (value: unknown): boolean => value === false || value === 'false' || value === '0' || value === 0;
