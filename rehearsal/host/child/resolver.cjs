// Name lookups stay on this machine: what the rehearsal serves is at the loopback, its DNS server answers the rest.
'use strict';

const dns = require('node:dns');
const net = require('node:net');
const { find, isLoopback, servesHost } = require('./names.cjs');

/** An address nobody listens at: a resolver the rehearsal does not play answers nothing. */
const NOBODY = '127.0.0.1:9';
/** What a function reads as its resolver. */
const LAMBDAS_OWN = '169.254.78.1';
const resolverAt = (host) => {
  const place = find('dns:', host, 53);
  return place ? `${place.host}:${place.port}` : undefined;
};

function translate(server) {
  const bare = server.replace(/^\[(.*)\](:53)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):53$/, '$1');
  const host = bare.replace(/^\[?(.*?)\]?:\d+$/, '$1');
  if (net.isIP(bare) !== 0) return isLoopback(bare) ? server : (resolverAt(bare) ?? NOBODY);
  return isLoopback(host) ? server : (resolverAt(host) ?? NOBODY);
}

function installResolver() {
  for (const owner of [dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    const { setServers } = owner;
    owner.setServers = function (servers) {
      return setServers.call(this, servers.map(translate));
    };
  }
  installNewResolvers(dns);
  installNewResolvers(dns.promises);
  installDefaults();
  installLookup();
}

/**
 * Node's own default resolver knows the laptop's servers, so each question has one of its own. The map of names may have changed
 * since the last.
 */
function installDefaults() {
  let chosen;
  const ask = (owner, name) =>
    function (...args) {
      const resolver = new owner.Resolver();
      if (chosen) resolver.setServers(chosen);
      return resolver[name](...args);
    };
  for (const owner of [dns, dns.promises]) {
    owner.getServers = () => chosen ?? [LAMBDAS_OWN];
    owner.setServers = (servers) => {
      new owner.Resolver().setServers(servers);
      chosen = [...servers];
    };
    for (const name of Object.keys(owner).filter((key) => /^(resolve|reverse)/.test(key))) owner[name] = ask(owner, name);
  }
}

function installNewResolvers(owner) {
  owner.Resolver = class Resolver extends owner.Resolver {
    constructor(...args) {
      super(...args);
      super.setServers(['127.0.0.1']);
      Object.getPrototypeOf(owner.Resolver.prototype).setServers.call(this, [resolverAt('resolver') ?? NOBODY]);
    }
  };
}

function installLookup() {
  const real = dns.lookup;
  const promised = dns.promises.lookup;
  const answer = async (host, options) => {
    if (host === null || host === undefined || host === '' || net.isIP(host) !== 0 || isLoopback(host))
      return promised(host, options);
    const all = servesHost(host) ? [{ address: '127.0.0.1', family: 4 }] : await askServer(host, options?.family);
    return options?.all ? all : all[0];
  };
  dns.promises.lookup = (host, options) => answer(host, typeof options === 'number' ? { family: options } : options);
  dns.lookup = (host, options, callback) => {
    const done = typeof options === 'function' ? options : callback;
    const wanted = typeof options === 'function' ? {} : typeof options === 'number' ? { family: options } : options;
    if (net.isIP(String(host)) !== 0 || isLoopback(String(host))) return real(host, wanted, done);
    void answer(host, wanted).then(
      (found) => (wanted?.all ? done(null, found) : done(null, found.address, found.family)),
      (error) => done(error),
    );
    return {};
  };
}

/** As getaddrinfo would without a way out over IPv6: the addresses of IPv4 first. */
async function askServer(host, wanted) {
  const family = wanted === 'IPv4' ? 4 : wanted === 'IPv6' ? 6 : (wanted ?? 0);
  if (!resolverAt('resolver')) throw notFound(host);
  const resolver = new dns.promises.Resolver();
  const [v4, v6] = await Promise.allSettled([
    family === 6 ? [] : resolver.resolve4(host),
    family === 4 ? [] : resolver.resolve6(host),
  ]);
  const found = [
    ...(v4.value ?? []).map((address) => ({ address, family: 4 })),
    ...(v6.value ?? []).map((address) => ({ address, family: 6 })),
  ];
  if (found.length > 0) return found;
  const silent = [v4, v6].some(({ reason }) => reason && !['ENOTFOUND', 'ENODATA'].includes(reason.code));
  throw silent ? lookupError(host, 'EAI_AGAIN', -3001) : notFound(host);
}

const notFound = (host) => lookupError(host, 'ENOTFOUND', -3008);
const lookupError = (host, code, errno) =>
  Object.assign(new Error(`getaddrinfo ${code} ${host}`), { errno, code, syscall: 'getaddrinfo', hostname: host });

module.exports = { installResolver };
