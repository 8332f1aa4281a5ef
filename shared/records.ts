// The whole record sets of a zone's public names, as they are now.
import type { Names } from './cloud/ports.ts';
import type { Estate } from './estate.ts';
import type { RecordSet } from './runbooks/journal.ts';

export async function readRecords(names: Names, estate: Estate, zone: string): Promise<RecordSet[]> {
  const ours = estate.names.filter((name) => name.zone === zone);
  return (await Promise.all(ours.map((name) => names.read(name)))).flat();
}
