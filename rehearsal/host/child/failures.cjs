// What the runtime itself calls an error, by the names that Retry and Catch match.
'use strict';

function named(name, message, stack) {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  else error.stack = `${name}: ${message}${String(error.stack).slice(String(error.stack).indexOf('\n'))}`;
  return error;
}

/** The JSON that the invoker reads. */
function describe(error) {
  try {
    if (!(error instanceof Error) && Object.prototype.toString.call(error) !== '[object Error]') {
      return { errorType: typeof error, errorMessage: String(error), trace: [] };
    }
    return {
      errorType: error.name,
      errorMessage: error.message,
      trace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
    };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      trace: [],
    };
  }
}

/** The same error as the log shows it. */
function logged(error) {
  const { errorType, errorMessage, trace } = describe(error);
  try {
    const own = error instanceof Error ? { ...error } : {};
    return `\t${JSON.stringify({ errorType, errorMessage, ...own, stack: trace })}`;
  } catch {
    return `\t${JSON.stringify({ errorType: String(errorType), errorMessage: String(errorMessage), trace })}`;
  }
}

module.exports = { describe, logged, named };
