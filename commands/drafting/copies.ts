// Where one environment is primary and one stands by, a copy goes from the one to the other: what may cross is a person's to say.
import * as z from 'zod';
import { Network } from '../../shared/estate.ts';
import { sameNetwork } from '../../shared/estate-rules/copies.ts';
import { fields, known, list, open, optional, plainOf, type Fields } from './sheet.ts';

const Seen = z.object({
  strategy: z.unknown(),
  environments: z.record(z.string(), z.object({ role: z.unknown(), network: Network.partial().catch({}) })),
});

/** The sheet with the copy; as it is where there is one, or no standby that a copy reaches. */
export function withCopy(sheet: Fields): Fields {
  const { strategy, environments } = Seen.parse(plainOf(sheet));
  const inRole = (wanted: string) => Object.entries(environments).find(([, { role }]) => role === wanted);
  const [[from, primary] = [], [to, standby] = []] = [inRole('primary'), inRole('standby')];
  if (from === undefined || to === undefined || strategy === 'hot' || sheet.fields.some(([name]) => name === 'copies'))
    return sheet;
  const apart = primary?.network.subnets && standby?.network.subnets && !sameNetwork(primary.network, standby.network);
  const copy = fields({
    from: known(from),
    to: known(to),
    class: open(),
    everySeconds: optional(),
    network: apart ? fields({ subnets: open(), securityGroups: open() }, 'The two stand in different networks') : undefined,
  });
  const before = sheet.fields.findIndex(([name]) => name === 'approvers');
  return { ...sheet, fields: [...sheet.fields.slice(0, before), ['copies', list([copy])], ...sheet.fields.slice(before)] };
}
