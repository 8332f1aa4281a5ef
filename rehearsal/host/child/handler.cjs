// Finds the handler that the configuration names: `folder/file.exported.path`.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { named } = require('./failures.cjs');

function loadHandler(root, written) {
  if (written.includes('..')) {
    throw named(
      'Runtime.MalformedHandlerName',
      `'${written}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const base = path.basename(written);
  const dot = base.indexOf('.');
  if (dot === -1) throw named('Runtime.MalformedHandlerName', 'Bad handler');
  const folder = written.slice(0, written.lastIndexOf(base));
  const exported = load(root, folder, base.slice(0, dot));
  const found = base
    .slice(dot + 1)
    .split('.')
    .reduce((value, key) => value && value[key], exported);
  if (!found) throw named('Runtime.HandlerNotFound', `${written} is undefined or not exported`);
  if (typeof found !== 'function') throw named('Runtime.HandlerNotFound', `${written} is not a function`);
  return found;
}

function load(root, folder, file) {
  const place = path.resolve(root, folder, file);
  try {
    if (
      fs.existsSync(`${place}.mjs`) &&
      !fs.existsSync(place) &&
      !fs.existsSync(`${place}.js`) &&
      !fs.existsSync(`${place}.cjs`)
    ) {
      throw new Error(`${file}.mjs: the rehearsal's host runs CommonJS handlers only`);
    }
    for (const candidate of [place, `${place}.js`, `${place}.cjs`]) if (fs.existsSync(candidate)) return require(candidate);
    return require(require.resolve(file, { paths: [root, folder] }));
  } catch (error) {
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', String(error), error.stack);
    if (error?.code === 'MODULE_NOT_FOUND') throw named('Runtime.ImportModuleError', String(error));
    throw error;
  }
}

/** From nodejs24.x on, a handler has two parameters and its answer is what it returns. */
const takesCallbacks = (runtime) => Number(/^nodejs(\d+)/.exec(runtime)?.[1]) < 24;

module.exports = { loadHandler, takesCallbacks };
