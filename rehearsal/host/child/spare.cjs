// A process that waits to hear which function it is, with what every function's start needs loaded already. Then it is that function's.
'use strict';

const { furnish } = require('./preload.cjs');
// What the SDK and the database's client load: not read by anybody here.
for (const name of [
  'buffer',
  'crypto',
  'events',
  'fs/promises',
  'http2',
  'os',
  'stream',
  'string_decoder',
  'tls',
  'util',
  'zlib',
])
  require(`node:${name}`);

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
