// The names CloudFormation gives to what the template does not name.
import type { Ground } from '../services/ground.ts';
import type { NameStyle } from './resources/resource.ts';

const MIXED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const SMALL = 'abcdefghijklmnopqrstuvwxyz0123456789';
const SUFFIX = 12;

interface Wanted {
  readonly stackName: string;
  readonly logicalId: string;
  readonly limit: number;
  readonly style?: NameStyle | undefined;
}

export function physicalName(ground: Pick<Ground, 'token'>, { stackName, logicalId, limit, style = 'stack' }: Wanted): string {
  const suffix = ground.token(SUFFIX, style === 'bucket' ? SMALL : MIXED);
  if (style === 'logical') return `${logicalId.slice(0, limit - SUFFIX - 1)}-${suffix}`;
  const prefix = style === 'parameter' ? 'CFN' : stackName;
  const room = limit - SUFFIX - 2;
  // The stack's name gives way first, down to half the room.
  const first = prefix.slice(0, Math.max(room - logicalId.length, Math.floor(room / 2)));
  const name = `${first}-${logicalId.slice(0, room - first.length)}-${suffix}`;
  return style === 'bucket' ? name.toLowerCase() : name;
}
