// A process that waits to hear which function it is, with what every function's start needs loaded already. Then it is that function's.
'use strict';

const tls = require('node:tls');
const { furnish } = require('./preload.cjs');

// What the SDK and the database's client load first: nobody here reads it.
const WANTED = 'buffer crypto dns/promises events fs/promises http2 os process stream stream/web util/types worker_threads zlib';
for (const name of WANTED.split(' ')) require(`node:${name}`);
// Node loads these when they are looked at.
void [performance.now(), globalThis.crypto, globalThis.Request];
// Finds no roots where it was told to look, and does not look again.
tls.createSecureContext();

// The host is gone before anybody came.
const leave = () => process.exit(0);
process.on('disconnect', leave);
process.once('message', ({ environment, taskRoot, settings }) => {
  process.off('disconnect', leave);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  process.chdir(taskRoot);
  const keepCompiled = furnish(settings);
  require('./bootstrap.cjs').begin(keepCompiled);
});
