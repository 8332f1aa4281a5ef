// Where a template comes from: the request itself, an object of this cloud's S3, or the stack as it stands.
import { bytesOf } from '../bytes.ts';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';
import { parseTemplate } from '../../stack/template.ts';
import type { Template } from '../../stack/template.ts';
import { invalid } from '../../stack/values.ts';
import { constraint } from './stacks.ts';

const BODY_LIMIT = 51_200;
const OBJECT_LIMIT = 1_048_576;

export interface TemplateSource {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly UsePreviousTemplate?: boolean | undefined;
}

export async function readTemplate(ground: Ground, call: Call, source: TemplateSource, previous?: Template): Promise<Template> {
  const { TemplateBody: body, TemplateURL: url, UsePreviousTemplate: same } = source;
  const given = [body !== undefined, url !== undefined, same === true].filter(Boolean).length;
  if (given === 0) throw invalid('Either Template URL or Template Body must be specified.');
  if (given > 1)
    throw invalid(
      'You cannot specify both usePreviousTemplate and Template Body/Template URL, nor both Template URL and Template Body.',
    );
  if (same === true) {
    if (!previous) throw invalid('Parameter UsePreviousTemplate cannot be used when creating new stack.');
    return previous;
  }
  return parseTemplate(body === undefined ? await fetchTemplate(ground, call, url ?? '') : checkBody(body));
}

function checkBody(body: string): string {
  if (body.length === 0) throw constraint('', 'templateBody', 'Member must have length greater than or equal to 1');
  if (Buffer.byteLength(body) <= BODY_LIMIT) return body;
  throw constraint(`${body.slice(0, 60)}…`, 'templateBody', `Member must have length less than or equal to ${BODY_LIMIT}`);
}

/** Bucket and key of an S3 URL, in either style. */
function objectOf(url: string, endpoint: string): { Bucket: string; Key: string } | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, pathname, origin } = new URL(url);
  const parts = decodeURIComponent(pathname).slice(1).split('/');
  const [first = '', ...rest] = parts;
  const path = { Bucket: first, Key: rest.join('/') };
  if (origin === endpoint || /^s3([.-][a-z0-9-]+)?\.amazonaws\.com$/.test(hostname)) return path;
  const virtual = /^(.+)\.s3([.-][a-z0-9-]+)?\.amazonaws\.com$/.exec(hostname);
  return virtual?.[1] === undefined ? undefined : { Bucket: virtual[1], Key: parts.join('/') };
}

async function fetchTemplate(ground: Ground, call: Call, url: string): Promise<string> {
  const at = objectOf(url, ground.endpoint());
  if (!at || at.Bucket === '' || at.Key === '') throw invalid('TemplateURL must be a supported URL.');
  try {
    const { Body } = await ground.call(call.caller, 's3', 'GetObject', at, call.region);
    const bytes = await bytesOf(Body);
    if (bytes.length > OBJECT_LIMIT) throw invalid(`Template may not exceed ${OBJECT_LIMIT} bytes in size.`);
    return bytes.toString();
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'ValidationError') throw error;
    const said = error.name === 'AccessDenied' ? 'Access Denied' : error.message;
    throw invalid(
      `S3 error: ${said}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html`,
    );
  }
}
