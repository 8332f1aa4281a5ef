// The process's calendar clock, set to the rehearsal's timeline from outside. Monotonic clocks measure real work: left alone.
'use strict';

const RealDate = Date;
const realNow = Date.now;
let offset = 0;

const now = () => realNow() + offset;

/** Takes the place of the process's Date; the offset comes with every invocation. */
function installClock() {
  const shifted = new Proxy(RealDate, {
    construct: (target, args, self) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, self === shifted ? target : self),
    apply: () => new RealDate(now()).toString(),
  });
  RealDate.now = now;
  RealDate.prototype.constructor = shifted;
  globalThis.Date = shifted;
  const format = Intl.DateTimeFormat.prototype.formatToParts;
  Intl.DateTimeFormat.prototype.formatToParts = function (date) {
    return format.call(this, date === undefined ? now() : date);
  };
}

module.exports = {
  installClock,
  now,
  setClock: (milliseconds) => {
    offset = milliseconds;
  },
};
