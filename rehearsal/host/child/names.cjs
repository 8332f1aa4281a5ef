// Which public names the rehearsal serves, and where on this machine. The map comes with every invocation.
'use strict';

const net = require('node:net');

/** host:port, as connected to, to { scheme, host, port } on the loopback; one table for each public scheme. */
let table = new Map();

const DEFAULT_PORTS = { 'http:': 80, 'https:': 443, 'postgres:': 5432, 'postgresql:': 5432, 'dns:': 53 };

function setNames(published) {
  table = new Map();
  for (const [publicOrigin, loopbackOrigin] of published) {
    const from = endOf(publicOrigin);
    table.set(`${from.scheme}//${from.host}:${from.port}`, endOf(loopbackOrigin));
  }
}

function endOf(origin) {
  const match = /^([a-z+]+:)\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?/i.exec(origin);
  if (!match) throw new Error(`a published origin looks like https://name:port, found ${origin}`);
  const scheme = match[1].toLowerCase();
  const host = match[2].replace(/^\[|\]$/g, '').toLowerCase();
  return { scheme, host, port: Number(match[3] ?? DEFAULT_PORTS[scheme] ?? 0) };
}

const plain = (host) => String(host).toLowerCase().replace(/\.$/, '');
const find = (scheme, host, port) => table.get(`${scheme}//${plain(host)}:${port}`);

/** Where bytes for this host and port go, whatever is spoken over them. */
function placeOf(host, port) {
  for (const scheme of ['https:', 'http:', 'tcp:', 'postgres:', 'postgresql:', 'dns:']) {
    const found = find(scheme, host, port);
    // An https name served in the clear cannot be reached by a TLS handshake: the request itself is rerouted, earlier.
    if (found && !(scheme === 'https:' && found.scheme === 'http:')) return found;
  }
  return undefined;
}

const servesHost = (host) =>
  [...table.keys()].some((key) => key.slice(key.indexOf('//') + 2, key.lastIndexOf(':')) === plain(host));

function isLoopback(host) {
  const name = plain(host);
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  return net.isIP(name) !== 0 && (name === '::1' || name === '0.0.0.0' || /^(::ffff:)?127\./.test(name));
}

function failure(what, [code, errno], host, port, why) {
  const message = `${what} ${code} ${host}:${port}${why === undefined ? '' : ` - ${why}`}`;
  return Object.assign(new Error(message), { errno, code, syscall: what, address: host, port });
}

const unreachable = (host, port, what = 'connect') =>
  failure(
    what,
    ['EHOSTUNREACH', -113],
    host,
    port,
    'the rehearsal serves no such name, and a function in it never reaches the real internet',
  );
/** The address is somebody's, and nobody listens at that port. */
const refused = (host, port) => failure('connect', ['ECONNREFUSED', -111], host, port);
/** Lambda has no IPv6 but in a network that was given one. */
const noRoute = (host, port) => failure('connect', ['ENETUNREACH', -101], host, port, 'a function has no way out over IPv6');

module.exports = { endOf, find, isLoopback, noRoute, placeOf, refused, servesHost, setNames, unreachable };
