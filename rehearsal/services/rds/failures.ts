// What RDS says when it refuses.
import { AwsError, notImitated } from '../error.ts';
import type { Instance } from './instance.ts';

export const invalidValue = (message: string): AwsError => new AwsError('InvalidParameterValue', message, { status: 400 });
export const invalidCombination = (message: string): AwsError =>
  new AwsError('InvalidParameterCombination', message, { status: 400 });
export const missing = (parameter: string): AwsError =>
  new AwsError('MissingParameter', `The parameter ${parameter} must be provided and must not be blank.`, { status: 400 });
export const noInstance = (identifier: string): AwsError =>
  new AwsError('DBInstanceNotFound', `DBInstance ${identifier} not found.`);
export const noSnapshot = (identifier: string): AwsError =>
  new AwsError('DBSnapshotNotFound', `DBSnapshot not found: ${identifier}`);
export const instanceExists = (): AwsError => new AwsError('DBInstanceAlreadyExists', 'DB instance already exists');
export const invalidState = (message: string): AwsError => new AwsError('InvalidDBInstanceState', message);
export const noSubnetGroup = (name: string): AwsError =>
  new AwsError('DBSubnetGroupNotFoundFault', `DB subnet group '${name}' does not exist.`);
export const noParameterGroup = (name: string): AwsError =>
  new AwsError('DBParameterGroupNotFound', `DBParameterGroup not found: ${name}`);

/** Whether anything may be done to it now. */
export function requireAvailable({ identifier, status, busy }: Instance): void {
  if (status !== 'available' || busy) throw invalidState(`Instance ${identifier} is not in available state.`);
}

/** What RDS can and this cloud does not is refused by its name, unless it is what stands anyway. */
export function refuseOthers(operation: string, input: object, imitated: readonly string[], harmless: object = {}): void {
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || imitated.includes(name)) continue;
    const usual = (harmless as Record<string, unknown>)[name];
    const empty = Array.isArray(value) && value.length === 0;
    if (!empty && value !== usual) throw notImitated(`${name} of rds:${operation}`);
  }
}
