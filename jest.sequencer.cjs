const { default: Sequencer } = require('@jest/test-sequencer');

/** Whole rehearsals take minutes: begun last, one of them would go on alone when all others are done. The longest first. */
const LONG = ['failover', 'rollback', 'examples', 'deaths', 'commands', 'rollcall', 'faults'];
const placeOf = ({ path }) => {
  if (!path.includes('/__tests__/rehearsal/')) return Infinity;
  const place = LONG.findIndex((name) => path.endsWith(`/${name}.test.ts`));
  return place === -1 ? LONG.length : place;
};

module.exports = class extends Sequencer {
  sort(tests) {
    const places = new Map(tests.map((test) => [test, placeOf(test)]));
    // Stable: what is not named keeps the order of how long it took the last time.
    return super
      .sort(tests)
      .sort((one, other) => (places.get(one) === places.get(other) ? 0 : places.get(one) - places.get(other)));
  }
};
