// The services this cloud has not: refused by name, but for the one question that deploying tools ask of them all the same.
import type { IncomingMessage } from 'node:http';
import { AwsError } from '../services/error.ts';

/** Removing a service, the Serverless Framework asks whether it left images behind; a cloud without a registry knows the answer. */
const ASKED_OF_ALL = 'AmazonEC2ContainerRegistry_V20150921.DescribeRepositories';

export function noSuchService(id: string, { headers }: IncomingMessage): AwsError {
  if (headers['x-amz-target'] === ASKED_OF_ALL)
    return new AwsError('RepositoryNotFoundException', 'The repository does not exist in the registry', { status: 400 });
  return new AwsError('NotImplemented', `the embedded cloud has no service "${id}"`, { status: 501 });
}
