// How a copy begins, with pg_dump.
import type { Laying } from '../ports.ts';
import { copyingGround } from './copying-ground.ts';
import { layCopy } from './postgres/copy/lay.ts';

export function awsLaying(): Laying {
  const { copied } = copyingGround();
  return { lay: (order, parts) => copied(order, 'making the copy', (ground) => layCopy(ground, order, parts)) };
}
