// How many invocations may run at once: the account's, and what is set aside for a function.
import type { LambdaFunction, LambdaOperations, Room } from './catalog.ts';
import { askAbout, referenceOf, wholeFunction } from './naming.ts';
import { constraint, invalid, throttled } from './refusals.ts';

const ACCOUNT_LIMIT = 1_000;
const UNRESERVED_LEAST = 100;
const CODE_LIMIT = 80_530_636_800;

/** Counts an invocation in, or refuses it. */
export function enter(room: Room, fn: LambdaFunction): () => void {
  if (fn.reserved !== undefined && fn.running >= fn.reserved) {
    throw throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
  }
  const others = [...room.region(fn.region).values()];
  const unreserved = others.filter(({ reserved }) => reserved === undefined).reduce((sum, { running }) => sum + running, 0);
  if (fn.reserved === undefined && unreserved >= ACCOUNT_LIMIT - reservedBy(others))
    throw throttled('ConcurrentInvocationLimitExceeded');
  fn.running += 1;
  return () => {
    fn.running -= 1;
  };
}

const reservedBy = (functions: readonly LambdaFunction[]): number =>
  functions.reduce((sum, { reserved = 0 }) => sum + reserved, 0);

export function concurrencyOperations(room: Room): LambdaOperations {
  return {
    PutFunctionConcurrency: {
      asks: ({ FunctionName }, call) => [askAbout(room, call, 'PutFunctionConcurrency', referenceOf(call, FunctionName).arn)],
      run({ FunctionName, ReservedConcurrentExecutions: wanted = 0 }, call) {
        const fn = wholeFunction(room, call, FunctionName);
        if (wanted < 0)
          throw constraint(wanted, 'reservedConcurrentExecutions', 'Member must have value greater than or equal to 0');
        const others = [...room.region(call.region).values()].filter((other) => other !== fn);
        if (ACCOUNT_LIMIT - reservedBy(others) - wanted < UNRESERVED_LEAST) {
          throw invalid(
            `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_LEAST}].`,
          );
        }
        fn.reserved = wanted;
        return { ReservedConcurrentExecutions: wanted };
      },
    },
    GetFunctionConcurrency: {
      asks: ({ FunctionName }, call) => [askAbout(room, call, 'GetFunctionConcurrency', referenceOf(call, FunctionName).arn)],
      run({ FunctionName }, call) {
        const { reserved } = wholeFunction(room, call, FunctionName);
        return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
      },
    },
    DeleteFunctionConcurrency: {
      asks: ({ FunctionName }, call) => [askAbout(room, call, 'DeleteFunctionConcurrency', referenceOf(call, FunctionName).arn)],
      run({ FunctionName }, call) {
        wholeFunction(room, call, FunctionName).reserved = undefined;
        return {};
      },
    },
    GetAccountSettings: {
      asks: () => [{ action: 'lambda:GetAccountSettings', resource: '*' }],
      run(_input, call) {
        const all = [...room.region(call.region).values()];
        const sizes = all.flatMap((fn) => [fn.latest, ...fn.versions.values()].map(({ code }) => code.zip.length));
        return {
          AccountLimit: {
            TotalCodeSize: CODE_LIMIT,
            CodeSizeUnzipped: 262_144_000,
            CodeSizeZipped: 52_428_800,
            ConcurrentExecutions: ACCOUNT_LIMIT,
            UnreservedConcurrentExecutions: ACCOUNT_LIMIT - reservedBy(all),
          },
          AccountUsage: { TotalCodeSize: sizes.reduce((sum, size) => sum + size, 0), FunctionCount: all.length },
        };
      },
    },
  };
}
