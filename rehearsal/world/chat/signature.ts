// How Slack signs what it sends: https://docs.slack.dev/authentication/verifying-requests-from-slack
import { createHmac } from 'node:crypto';

/** `v0=` and the HMAC of version, timestamp in seconds and the raw body, as the header X-Slack-Signature carries it. */
export const signatureOf = (signingSecret: string, timestamp: number, body: string): string =>
  `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
