// The way to a name: where the rehearsal serves it by that name, or else where DNS says it is now.
'use strict';

const dns = require('node:dns');
const net = require('node:net');
const { find, isLoopback, noRoute, placeOf, refused, servesHost, unreachable } = require('./names.cjs');

/**
 * Tells `done` an error or the place to connect to. Addresses are tried in the order of the lookup, as a network stack would;
 * `onLookup` hears of each.
 */
function routeTo(options, onLookup, done) {
  const { host } = options;
  const port = Number(options.port);
  if (net.isIP(host) !== 0) {
    const way = wayTo(host, port);
    return done(way.error, way.place);
  }
  // A world without DNS serves only what it has published.
  if (!find('dns:', 'resolver', 53)) return done(unreachable(host, port));
  const lookup = options.lookup ?? dns.lookup;
  const all = options.autoSelectFamily ?? net.getDefaultAutoSelectFamily();
  lookup(host, { family: options.family ?? 0, hints: options.hints ?? 0, all }, (error, found, family) => {
    if (error) return done(error);
    const addresses = Array.isArray(found) ? found : [{ address: found, family }];
    const failures = [];
    for (const { address, family: version } of addresses) {
      onLookup(address, version, host);
      const { place, error: failure } = wayTo(address, port);
      if (place) return done(undefined, place);
      failures.push(failure);
    }
    done(failures.length === 1 ? failures[0] : together(failures));
  });
}

function wayTo(address, port) {
  if (isLoopback(address)) return { place: { host: address, port } };
  if (net.isIP(address) === 6) return { error: noRoute(address, port) };
  const place = placeOf(address, port);
  if (place) return { place };
  return { error: servesHost(address) ? refused(address, port) : unreachable(address, port) };
}

/** What Node throws when every address of a name failed. */
const together = (failures) => Object.assign(new AggregateError(failures), { code: failures[0]?.code });

module.exports = { routeTo };
