// console.* as Lambda writes it: a tab-separated line, or one JSON object, by the function's logging configuration.
'use strict';

const { format } = require('node:util');

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const METHODS = { trace: 'TRACE', debug: 'DEBUG', info: 'INFO', log: 'INFO', warn: 'WARN', error: 'ERROR', fatal: 'FATAL' };

/** `scene()` says which invocation is running; `write` carries a finished record to the host. */
function installConsole(scene, write) {
  const json = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
  const lowest = json ? Math.max(0, LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL ?? 'TRACE')) : 0;
  for (const [method, level] of Object.entries(METHODS)) {
    console[method] =
      LEVELS.indexOf(level) < lowest
        ? () => undefined
        : (...args) => write(json ? asJson(scene(), level, args) : asText(scene(), level, args));
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk, encoding, done) => {
      write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const callback = typeof encoding === 'function' ? encoding : done;
      if (callback) process.nextTick(callback);
      return true;
    };
  }
}

const asText = ({ requestId }, level, args) => `${new Date().toISOString()}\t${requestId}\t${level}\t${format(...args)}\n`;

function asJson({ requestId }, level, args) {
  const record = { timestamp: new Date().toISOString(), level, requestId };
  if (args.length > 1) {
    record.message = format(...args);
    const error = args.slice(1).find((arg) => arg instanceof Error);
    if (error) Object.assign(record, plainError(error));
    return `${JSON.stringify(record)}\n`;
  }
  try {
    return `${JSON.stringify({ ...record, message: args[0] }, (_, value) => (value instanceof Error ? { ...plainError(value), ...value } : value))}\n`;
  } catch {
    return `${JSON.stringify({ ...record, message: format(args[0]) })}\n`;
  }
}

const plainError = (error) => ({
  errorType: error.constructor?.name ?? 'UnknownError',
  errorMessage: error.message,
  stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
});

module.exports = { installConsole };
