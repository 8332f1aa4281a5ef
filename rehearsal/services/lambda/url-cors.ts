// Cross-origin answers of a function URL: Lambda gives them itself, over whatever the function says.
import type { Cors } from '@aws-sdk/client-lambda';
import type { IncomingMessage } from 'node:http';

export function corsHeaders(cors: Cors | undefined, request: IncomingMessage): Record<string, string> {
  const { origin } = request.headers;
  if (!cors || origin === undefined) return {};
  const origins = cors.AllowOrigins ?? [];
  if (!origins.some((allowed) => allowed === '*' || allowed.toLowerCase() === origin.toLowerCase())) return {};
  return {
    'access-control-allow-origin': origins.includes('*') && cors.AllowCredentials !== true ? '*' : origin,
    vary: 'Origin',
    ...(cors.AllowCredentials === true && { 'access-control-allow-credentials': 'true' }),
    ...(cors.ExposeHeaders && cors.ExposeHeaders.length > 0 && { 'access-control-expose-headers': cors.ExposeHeaders.join(',') }),
  };
}

export const isPreflight = (cors: Cors | undefined, { method, headers }: IncomingMessage): cors is Cors =>
  cors !== undefined &&
  method === 'OPTIONS' &&
  headers.origin !== undefined &&
  headers['access-control-request-method'] !== undefined;

export const preflightHeaders = (cors: Cors): Record<string, string> => ({
  ...(cors.AllowMethods && cors.AllowMethods.length > 0 && { 'access-control-allow-methods': cors.AllowMethods.join(',') }),
  ...(cors.AllowHeaders && cors.AllowHeaders.length > 0 && { 'access-control-allow-headers': cors.AllowHeaders.join(',') }),
  ...(cors.MaxAge !== undefined && { 'access-control-max-age': String(cors.MaxAge) }),
});
