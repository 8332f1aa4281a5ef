// Every way out of the process passes here: the loopback, a name the rehearsal serves, or a refusal that names the host.
'use strict';

const dgram = require('node:dgram');
const http = require('node:http');
const https = require('node:https');
const { syncBuiltinESMExports } = require('node:module');
const net = require('node:net');
const { urlToHttpOptions } = require('node:url');
const { installResolver } = require('./resolver.cjs');
const { endOf, find, isLoopback, placeOf, unreachable } = require('./names.cjs');
const { routeTo } = require('./route.cjs');

function installNetwork() {
  installSockets();
  installDatagrams();
  installRequests();
  installFetch();
  installResolver();
  syncBuiltinESMExports();
}

function installSockets() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    const list = Array.isArray(args[0]) ? args[0] : net._normalizeArgs(args);
    const options = list[0];
    if (options.path) return connect.call(this, list);
    const host = options.host ?? 'localhost';
    const to = (place) => {
      list[0] = { ...options, host: place.host, port: place.port };
      return connect.call(this, list);
    };
    const place = placeOf(host, Number(options.port));
    if (place) return to(place);
    if (isLoopback(host)) return connect.call(this, list);
    // Whoever writes meanwhile waits for the connection, or hears why there is none.
    this.connecting = true;
    const onLookup = (address, family) => this.emit('lookup', null, address, family, host);
    setImmediate(() =>
      routeTo({ ...options, host }, onLookup, (error, found) => {
        if (this.destroyed) return;
        if (error) this.destroy(error);
        else to(found);
      }),
    );
    return this;
  };
}

function installDatagrams() {
  const send = dgram.Socket.prototype.send;
  dgram.Socket.prototype.send = function (...args) {
    const strings = args.filter((arg) => typeof arg === 'string');
    const address = typeof args[0] === 'string' ? strings[1] : strings[0];
    if (address !== undefined && !isLoopback(address)) throw unreachable(address, 'udp', 'send');
    return send.apply(this, args);
  };
}

/** An https name that the rehearsal serves in the clear: the same request, spoken over http, for the same Host. */
function installRequests() {
  const spoken = { request: https.request, get: https.get };
  for (const method of ['request', 'get']) {
    https[method] = function (...args) {
      const { options, callback } = normalize(args);
      const host = options.hostname ?? options.host ?? 'localhost';
      const port = Number(options.port ?? options.defaultPort ?? 443);
      const place = find('https:', host, port);
      if (place?.scheme !== 'http:') return spoken[method].apply(this, args);
      const public_ = port === 443 ? host : `${host}:${port}`;
      const rerouted = {
        ...options,
        protocol: 'http:',
        host: place.host,
        hostname: place.host,
        port: place.port,
        setHost: false,
      };
      delete rerouted.agent;
      delete rerouted.defaultPort;
      rerouted.headers = withHost(options.headers, public_);
      return http[method](rerouted, callback);
    };
  }
}

function normalize([first, second, third]) {
  if (typeof first !== 'string' && !(first instanceof URL)) return { options: { ...first }, callback: second };
  const base = urlToHttpOptions(typeof first === 'string' ? new URL(first) : first);
  if (typeof second === 'function') return { options: base, callback: second };
  return { options: { ...base, ...second }, callback: third };
}

function withHost(headers, host) {
  if (Array.isArray(headers)) {
    const flat = headers.flat();
    const named = flat.some((name, i) => i % 2 === 0 && String(name).toLowerCase() === 'host');
    return named ? flat : ['host', host, ...flat];
  }
  const own = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'host');
  return own ? headers : { ...headers, host };
}

const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/** fetch goes through a dispatcher that exists only once its module is loaded: on the first call. */
function installFetch() {
  const original = globalThis.fetch;
  let ready = false;
  globalThis.fetch = function fetch(input, init) {
    if (!ready) {
      ready = true;
      void globalThis.Request;
      reroute(globalThis[GLOBAL_DISPATCHER]);
    }
    return original(input, init);
  };
}

function reroute(dispatcher) {
  const dispatch = dispatcher.dispatch.bind(dispatcher);
  dispatcher.dispatch = (options, handler) => {
    const from = endOf(String(options.origin));
    const place = find(from.scheme, from.host, from.port);
    if (from.scheme !== 'https:' || place?.scheme !== 'http:') return dispatch(options, handler);
    const host = from.port === 443 ? from.host : `${from.host}:${from.port}`;
    const headers = withHost(isIterable(options.headers) ? [...options.headers] : options.headers, host);
    return dispatch({ ...options, origin: `http://${place.host}:${place.port}`, headers }, handler);
  };
}

const isIterable = (value) => value !== null && typeof value === 'object' && Symbol.iterator in value;

module.exports = { installNetwork };
