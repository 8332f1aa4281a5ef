const { default: Sequencer } = require('@jest/test-sequencer');

/** Whole rehearsals take minutes: begun last, one of them would go on alone when all others are done. */
const isLong = ({ path }) => path.includes('/__tests__/rehearsal/');

module.exports = class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
