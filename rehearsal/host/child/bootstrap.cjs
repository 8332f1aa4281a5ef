// The runtime: loads the handler, then serves one invocation after another over the channel to the host.
'use strict';

const { setClock } = require('./clock.cjs');
const { installConsole } = require('./console.cjs');
const { describe, logged, named } = require('./failures.cjs');
const { loadHandler, takesCallbacks } = require('./handler.cjs');
const { setNames } = require('./names.cjs');

const channel = process.channel;
const send = process.send.bind(process);
const onMessage = process.on.bind(process, 'message');
const exit = process.exit.bind(process);
const monotonic = performance.now.bind(performance);
// The function must not find a channel that Lambda does not have.
process.send = undefined;
// The host is gone: nobody will ever ask again.
process.on('disconnect', () => exit(0));

/** The host refuses above the same. */
const answerLimit = 6_291_556;
let current;
let keepCompiled;
let callbacks = false;
const runtime = String(process.env.AWS_EXECUTION_ENV).replace('AWS_Lambda_', '');

installConsole(
  () => ({ requestId: current?.requestId ?? 'undefined' }),
  (text) => send({ type: 'log', text }),
);

function report(title, error) {
  if (process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON') console.error(error);
  else console.error(title, logged(error));
}

/** An error outside the handler's own promise ends the process, and with it whatever it was doing. */
function die(title, error, code) {
  report(title, error);
  send({ type: current ? 'failure' : 'init-error', error: describe(error), ends: true }, () => exit(code));
}
process.on('uncaughtException', (error) => die('Uncaught Exception', error, 129));
process.on('unhandledRejection', (reason) => {
  die('Unhandled Promise Rejection', named('Runtime.UnhandledPromiseRejection', String(reason), reason?.stack), 128);
});
// Nothing is left to run and nobody answered.
process.on('beforeExit', () => {
  channel.ref();
  if (current) finish(null);
});

function finish(result) {
  let body;
  try {
    body = JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    return fail(named('Runtime.JSONStringifyError', 'Unable to stringify response body'));
  }
  // What Lambda refuses by its size is not carried: the channel would take longer over it than the function has.
  const size = Buffer.byteLength(body);
  answer(size > answerLimit ? { type: 'answer-too-large' } : { type: 'answer', body });
}

function fail(error) {
  report('Invoke Error', error);
  answer({ type: 'failure', error: describe(error) });
}

function answer(message) {
  channel.ref();
  const done = current;
  current = undefined;
  keepCompiled();
  // Log lines written in the same turn as the answer belong to it.
  if (done) setImmediate(() => send(message));
}

function contextOf({ context, milliseconds }) {
  const deadline = monotonic() + milliseconds;
  return {
    ...(callbacks && { callbackWaitsForEmptyEventLoop: true }),
    ...context,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - monotonic())),
  };
}

function invoke(handler, message) {
  setClock(message.offset);
  setNames(message.published);
  process.env._X_AMZN_TRACE_ID = message.traceId;
  current = { requestId: message.context.awsRequestId };
  const mine = current;
  // While the handler runs, only what it left in the loop keeps it alive.
  channel.unref();
  const settle = (ending, value) => {
    if (current === mine) ending(value);
  };
  try {
    const event = JSON.parse(message.event);
    const context = contextOf(message);
    const result = callbacks
      ? handler(event, context, (error, value) => settle(error ? fail : finish, error ?? value))
      : handler(event, context);
    if (typeof result?.then === 'function') {
      result.then(
        (value) => settle(finish, value),
        (error) => settle(fail, error),
      );
    } else if (!callbacks) settle(finish, result);
  } catch (error) {
    settle(fail, error);
  }
}

/** `keep` is told when what was compiled has done its first work. */
function begin(keep) {
  keepCompiled = keep;
  callbacks = takesCallbacks(runtime);
  try {
    const handler = loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
    if (!callbacks && handler.length >= 3) {
      throw named(
        'Runtime.CallbackHandlerDeprecated',
        'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later.',
      );
    }
    onMessage((message) => invoke(handler, message));
    send({ type: 'ready' });
  } catch (error) {
    die('Uncaught Exception', error, 129);
  }
}

module.exports = { begin };
