// HTTPS records (RFC 9460) on their way to another door: some say nothing that depends on the door, some cannot be said of another.
import { targetName } from './record-sets.ts';

interface Binding {
  readonly priority: string;
  readonly target: string;
  readonly parameters: readonly string[];
}

function read(value: string): Binding {
  const [priority = '', target = '', ...parameters] = value.trim().split(/\s+/);
  return { priority, target, parameters };
}

/** What every door can do; HTTP/3, address hints, ports and ECH keys belong to the door that the record was written for. */
function isPortable(parameter: string): boolean {
  const [key = '', list = ''] = parameter.split('=');
  if (key === 'no-default-alpn') return true;
  const protocols = list.replaceAll('"', '').split(',');
  return key === 'alpn' && protocols.every((protocol) => protocol === 'h2' || protocol === 'http/1.1');
}

/** `.` speaks for the name's own addresses: with parameters that any door fulfils it can stay, else it belongs to the old door. */
export function judgeServiceRecord<Lead extends string>(
  values: readonly string[],
  leadOf: (name: string) => Lead,
): Lead | 'owner' | 'from' | 'elsewhere' {
  const leads = values.map(read).map(({ target, parameters }) => {
    if (target !== '.') return leadOf(target);
    return parameters.every(isPortable) ? ('owner' as const) : ('from' as const);
  });
  const [first] = leads;
  if (first === undefined) return 'elsewhere';
  if (leads.every((lead) => lead === first)) return first;
  // Bindings of one record that lead to several places are taken together: the strangest decides.
  return leads.includes('elsewhere' as Lead) ? 'elsewhere' : 'from';
}

/** Null where it cannot be said of another door. */
export function retargetServiceRecord(values: readonly string[], dnsName: string): readonly string[] | null {
  const bindings = values.map(read);
  if (!bindings.every(({ parameters }) => parameters.every(isPortable))) return null;
  return bindings.map(({ priority, target, parameters }) =>
    [priority, target === '.' ? '.' : targetName(dnsName), ...parameters].join(' '),
  );
}
