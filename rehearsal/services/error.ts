/**
 * An error as AWS would answer it. `code` is the wire's name or the SDK's; the wire finds the status in the SDK's schemas unless
 * one is given, and puts `fields` into the body beside the message.
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number | undefined;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: { status?: number; fields?: Record<string, unknown> } = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status;
    this.fields = options.fields ?? {};
  }
}

/** What AWS can and this cloud does not imitate is refused by name, never ignored. */
export const notImitated = (what: string): AwsError =>
  new AwsError('NotImplemented', `the embedded cloud does not imitate ${what}`, { status: 501 });
