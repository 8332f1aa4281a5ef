// The three functions of the metadata proposal that @peculiar/x509's container asks for before it loads; imported before it.

type Reflection = Record<string, unknown>;

const kept = new WeakMap<object, Map<unknown, unknown>>();

const own = (key: unknown, target: object): unknown => kept.get(target)?.get(key);

function inherited(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Reflect.getPrototypeOf(at)) {
    if (kept.get(at)?.has(key) === true) return own(key, at);
  }
  return undefined;
}

function define(key: unknown, value: unknown, target: object): void {
  const entries = kept.get(target) ?? new Map<unknown, unknown>();
  kept.set(target, entries.set(key, value));
}

const reflection = Reflect as unknown as Reflection;
reflection['getMetadata'] ??= inherited;
reflection['getOwnMetadata'] ??= own;
reflection['defineMetadata'] ??= define;
