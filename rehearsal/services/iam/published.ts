// The policies AWS manages that this cloud knows, as AWS publishes them.

export interface PublishedPolicy {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly version: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly description: string;
  readonly document: object;
}

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

export const PUBLISHED: readonly PublishedPolicy[] = [
  {
    name: 'AWSLambdaBasicExecutionRole',
    path: '/service-role/',
    id: 'ANPAJNCQGXC42545SKXIK',
    version: 'v1',
    createdAt: '2015-04-09T15:03:43Z',
    updatedAt: '2015-04-09T15:03:43Z',
    description: 'Provides write permissions to CloudWatch Logs.',
    document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: LOGS, Resource: '*' }] },
  },
  {
    name: 'AWSLambdaVPCAccessExecutionRole',
    path: '/service-role/',
    id: 'ANPAJVTME3YLVNL72YR2K',
    version: 'v3',
    createdAt: '2016-02-11T23:15:26Z',
    updatedAt: '2024-01-05T22:38:26Z',
    description:
      'Provides minimum permissions for a Lambda function to execute while accessing a resource within a VPC - create, describe, delete network interfaces and write permissions to CloudWatch Logs.',
    document: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AWSLambdaVPCAccessExecutionPermissions',
          Effect: 'Allow',
          Action: [
            ...LOGS,
            'ec2:CreateNetworkInterface',
            'ec2:DescribeNetworkInterfaces',
            'ec2:DescribeSubnets',
            'ec2:DeleteNetworkInterface',
            'ec2:AssignPrivateIpAddresses',
            'ec2:UnassignPrivateIpAddresses',
          ],
          Resource: '*',
        },
      ],
    },
  },
];
