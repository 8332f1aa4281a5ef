// Runs before the handler's first line, as Lambda's own runtime would: clock, network, /tmp, home. The function knows none of it.
'use strict';

const os = require('node:os');
const { installClock, setClock } = require('./clock.cjs');
const { installCompiled } = require('./compiled.cjs');
const { setNames } = require('./names.cjs');
const { installNetwork } = require('./network.cjs');
const { installScratch } = require('./scratch.cjs');
const { installTrust } = require('./trust.cjs');

/** Answers what keeps the bundles that were compiled here, once they have done their work. */
function furnish({ offset, published, scratch, compiled, trusted, trustedName }) {
  const keepCompiled = installCompiled(compiled, process.env.LAMBDA_TASK_ROOT);
  setClock(offset);
  setNames(published);
  installClock();
  installTrust(trusted, trustedName);
  installNetwork();
  installScratch(scratch, compiled);
  // Nobody's: the AWS profiles of whoever sits at the laptop must not be found.
  os.homedir = () => '/home/sbx_user1051';
  muteNodeVersion();
  return keepCompiled;
}

/** The SDK warns that the laptop's Node is older than it likes; the function's runtime is another, and its log must not say so. */
function muteNodeVersion() {
  const { emitWarning } = process;
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).startsWith('NodeVersionSupportWarning')) emitWarning.call(process, warning, ...rest);
  };
}

module.exports = { furnish };
