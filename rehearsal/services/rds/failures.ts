// What RDS says when it refuses.
import { AwsError } from '../error.ts';

export const invalidValue = (message: string): AwsError => new AwsError('InvalidParameterValue', message, { status: 400 });
export const invalidCombination = (message: string): AwsError =>
  new AwsError('InvalidParameterCombination', message, { status: 400 });
export const noInstance = (identifier: string): AwsError =>
  new AwsError('DBInstanceNotFound', `DBInstance ${identifier} not found.`);
export const noSnapshot = (identifier: string): AwsError =>
  new AwsError('DBSnapshotNotFound', `DBSnapshot ${identifier} not found.`);
