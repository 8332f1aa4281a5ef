// This process trusts an authority of the rehearsal's, as a Lambda does by NODE_EXTRA_CA_CERTS, which Node reads only when it starts.
import tls from 'node:tls';

/** Answers how to trust it no more. */
export function trust(pem: string): () => void {
  const before = tls.createSecureContext;
  tls.createSecureContext = (options = {}) =>
    // Without Node's own: a hundred and more roots would be parsed for every connection, and none vouches for anybody here.
    before(options.ca === undefined ? { ...options, ca: pem } : options);
  return () => {
    tls.createSecureContext = before;
  };
}
