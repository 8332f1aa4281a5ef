// The words of authorization: who calls, what is asked, what was judged.

/** What a call is part of: how faults, logs and reports name a step. */
export interface Trace {
  /** The execution's ARN. */
  readonly execution?: string | undefined;
  readonly state?: string | undefined;
  readonly functionName?: string | undefined;
  /** The Lambda invocation's request id. */
  readonly invocation?: string | undefined;
  /** Set where the function stands in a network of the estate: it reaches PostgreSQL and two AWS services, and nothing else. */
  readonly inNetwork?: boolean | undefined;
}

export type Caller =
  /** The person at the keyboard: an administrator of the account. */
  | { readonly kind: 'operator'; readonly arn: string; readonly account: string }
  | {
      readonly kind: 'role';
      /** arn:aws:sts::<account>:assumed-role/<role>/<session> */
      readonly arn: string;
      readonly account: string;
      readonly role: string;
      readonly session: string;
      readonly trace?: Trace | undefined;
    }
  /** An AWS service in its own name (events.amazonaws.com): only resource policies can allow it. */
  | { readonly kind: 'service'; readonly service: string; readonly account: string; readonly source?: string | undefined }
  | { readonly kind: 'anonymous'; readonly account: string };

export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: readonly PolicyStatement[] | PolicyStatement;
}
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly NotPrincipal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | boolean | number | readonly (string | boolean | number)[]>>>
  >;
}

/** One question to IAM. `context` holds condition keys beside the global ones, lower or mixed case as AWS writes them. */
export interface Ask {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** The policy on the thing itself: bucket, key, topic, function. */
  readonly resourcePolicy?: PolicyDocument | undefined;
}
