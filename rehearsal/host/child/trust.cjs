// Whose certificates this process trusts. Node itself reads NODE_EXTRA_CA_CERTS before the first line, and with it each of its own
// hundred and more roots: that is longer than all the rest of its start, and no host that they vouch for can be reached from here.
'use strict';

const fs = require('node:fs');
const tls = require('node:tls');

function installTrust(file, named) {
  if (named !== undefined) process.env.NODE_EXTRA_CA_CERTS = named;
  if (file === undefined) return;
  const { createSecureContext } = tls;
  const ca = fs.readFileSync(file);
  tls.createSecureContext = (options = {}) => createSecureContext(options.ca ? options : { ...options, ca });
}

module.exports = { installTrust };
