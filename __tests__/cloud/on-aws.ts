// The environment that Lambda would give an adapter, so that it calls the embedded cloud.
import type { Cloud } from '../../rehearsal/cloud.ts';

/** Answers how to have the environment of before again. */
export function standOn(cloud: Cloud, more: Record<string, string> = {}): () => void {
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_REGION: cloud.region,
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_ACCESS_KEY_ID: cloud.operator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: cloud.operator.secretAccessKey,
    ...more,
  });
  return () => {
    process.env = before;
  };
}
