// The credentials that Lambda puts into the environment. esbuild.config.ts puts this in the place of the SDK's default chain, whose
// clients for single sign-on, profiles and metadata services are a sixth of a bundle and can find nothing in Lambda.

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Under the name that the SDK's clients import. */
export const defaultProvider = () => (): Promise<Credentials> => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return Promise.reject(
      new Error('the environment holds no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; Lambda and `sls invoke local` set them'),
    );
  }
  return Promise.resolve({ accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) });
};
