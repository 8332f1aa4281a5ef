// What serverless.yml takes from the estate: `${file(estate.serverless.cjs):zoneArns}`. What there is to take is in resources/estate.ts.
const { forCloudFormation, packagedEstate } = require('tsx/cjs/api').require('./resources/estate.ts', __filename);

// Serverless loads this again for each variable after a failure, and shows the stack each time: the mistakes are told once.
const TOLD = Symbol.for('changeover.estate.told');

try {
  module.exports = forCloudFormation(packagedEstate());
} catch (error) {
  if (error.name === 'InputInvalid') error.stack = globalThis[TOLD] ? 'the estate is wrong, as told above' : `\n${error.message}`;
  globalThis[TOLD] = true;
  throw error;
}
