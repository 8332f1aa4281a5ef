// Errors in each protocol's own form.
import { AwsError } from '../services/error.ts';
import type { ServiceSchema } from './schemas.ts';
import { element } from './xml.ts';

export interface WireError {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface ErrorScene {
  readonly requestId: string;
  readonly hostId: string;
  readonly resource: string;
  /** What the request looked like, whatever its service usually speaks. */
  readonly protocol: ServiceSchema['protocol'];
}

/** What a service threw that is no AWS error is our bug: it is answered as AWS's own, with the message kept for the developer. */
export function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new AwsError('InternalFailure', `the embedded cloud failed: ${message}`, { status: 500 });
}

export function writeError(service: ServiceSchema, thrown: AwsError, scene: ErrorScene): WireError {
  const schema = service.errors.get(thrown.code);
  const code = schema?.code ?? thrown.code;
  const status = thrown.status ?? schema?.status ?? 400;
  const message = thrown.message;
  const { requestId } = scene;
  const type = status >= 500 ? 'Receiver' : 'Sender';
  if (scene.protocol === 'json' || scene.protocol === 'restJson') {
    // The SDK's classes go by the shape's name; `__type` carries it even where the query protocol knew another.
    const name = shapeName(service, thrown.code) ?? code;
    const headers: Record<string, string> = {
      'content-type': scene.protocol === 'json' ? `application/x-amz-json-${service.jsonVersion}` : 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': name,
    };
    if (service.xmlNamespace !== '' && service.id === 'monitoring') headers['x-amzn-query-error'] = `${code};${type}`;
    const body = { __type: name, ...thrown.fields, [schema?.messageKey ?? 'message']: message };
    return { status, headers, body: JSON.stringify(body) };
  }
  if (service.id === 's3') {
    const fields = Object.entries(thrown.fields).map(([key, value]) => element(key, value));
    const own = [element('Code', code), element('Message', message), ...fields, element('Resource', scene.resource)];
    return {
      status,
      headers: {
        'content-type': 'application/xml',
        'x-amz-request-id': requestId,
        'x-amz-id-2': scene.hostId,
        // Clients learn from it where the bucket is; a HEAD has no body to say so.
        ...(typeof thrown.fields['BucketRegion'] === 'string' && { 'x-amz-bucket-region': thrown.fields['BucketRegion'] }),
      },
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${own.join('')}${element('RequestId', requestId)}${element('HostId', scene.hostId)}</Error>`,
    };
  }
  const fields = Object.entries(thrown.fields).map(([key, value]) => element(key, value));
  const inner = `${element('Type', type)}${element('Code', code)}${element('Message', message)}${fields.join('')}`;
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: `<ErrorResponse xmlns="${service.xmlNamespace}"><Error>${inner}</Error>${element('RequestId', requestId)}</ErrorResponse>`,
  };
}

/** The SDK's name for what the query protocol calls otherwise: `InvalidCiphertextException` for `InvalidCiphertext`. */
function shapeName(service: ServiceSchema, code: string): string | undefined {
  const known = service.errors.get(code);
  for (const [name, schema] of service.errors) if (schema === known && name !== schema.code) return name;
  return undefined;
}
