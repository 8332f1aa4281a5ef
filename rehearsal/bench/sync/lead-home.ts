// For whoever runs an adapter beside its servers.
import dns from 'node:dns';

/** The names of RDS lead to this machine; answers how they lead there no more. */
export function leadHome(): () => void {
  const before = dns.lookup;
  const here = ((name: string, given: dns.LookupOptions, done: (...answer: unknown[]) => void): void => {
    if (!name.endsWith('.rds.amazonaws.com')) {
      before(name, given, done as never);
      return;
    }
    if (given.all === true) done(null, [{ address: '127.0.0.1', family: 4 }]);
    else done(null, '127.0.0.1', 4);
  }) as unknown as typeof dns.lookup;
  dns.lookup = here;
  return () => {
    dns.lookup = before;
  };
}
