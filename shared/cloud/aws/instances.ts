// What RDS says of the servers that databases run on.
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import type { Instances } from '../ports.ts';
import { asking, nameOf } from './errors.ts';

export function awsInstances(): Instances {
  const rds = new RDSClient({});
  return {
    storageBytes: (DBInstanceIdentifier) =>
      asking(`describing ${DBInstanceIdentifier}`, async () => {
        try {
          const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
          const gigabytes = DBInstances[0]?.AllocatedStorage;
          return gigabytes === undefined ? null : gigabytes * 1024 ** 3;
        } catch (error) {
          if (nameOf(error) === 'DBInstanceNotFoundFault') return null;
          throw error;
        }
      }),
  };
}
