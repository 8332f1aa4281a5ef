// What V8 made of a bundle is kept beside it, so that the next process to load it need not compile it again. A run starts a
// dozen processes, and the time that compiling takes is the laptop's and no part of what is rehearsed.
'use strict';

const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const vm = require('node:vm');

/** Below this a bundle compiles sooner than its store is read. */
const WORTH_BYTES = 64 * 1024;

/** Answers what keeps the bundles of this process, once they have done their work: what ran by then is compiled as well. */
function installCompiled(folder, root) {
  const { _compile } = Module.prototype;
  const fresh = new Map();
  Module.prototype._compile = function (content, filename) {
    if (!filename.startsWith(`${root}/`) || !isWorthIt(content)) return _compile.call(this, content, filename);
    const kept = path.join(folder, `${path.basename(root)}-${path.basename(filename)}-${process.version}`);
    const cachedData = readKept(kept);
    const script = new vm.Script(Module.wrap(content), {
      filename,
      columnOffset: -Module.wrapper[0].length,
      cachedData,
    });
    if (cachedData === undefined || script.cachedDataRejected) fresh.set(kept, script);
    const run = script.runInThisContext();
    return run.call(this.exports, this.exports, Module.createRequire(filename), this, filename, path.dirname(filename));
  };
  return () => {
    for (const [kept, script] of fresh) keep(kept, script.createCachedData());
    fresh.clear();
  };
}

/** A kept `import()` no longer knows what imports for it (Node 20), so what has one is compiled each time. */
const isWorthIt = (content) => content.length >= WORTH_BYTES && !/\bimport\s*\(/.test(content);

function readKept(place) {
  try {
    return fs.readFileSync(place);
  } catch {
    return undefined;
  }
}

/** Another process may be reading it, or writing the same: whole or not at all. A full disk costs time, not the answer. */
function keep(place, data) {
  const part = `${place}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(part, data);
    fs.renameSync(part, place);
  } catch {
    fs.rmSync(part, { force: true });
  }
}

module.exports = { installCompiled };
