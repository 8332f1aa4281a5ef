// Load balancers as they are described, and their attributes.
import type { LoadBalancer as Described } from '@aws-sdk/client-elastic-load-balancing-v2';
import { initialAttributes, listed, OF_LOAD_BALANCERS, setAttributes } from './attributes.ts';
import type { ElbOperations, LoadBalancer, Room } from './catalog.ts';
import { loadBalancerAt } from './find.ts';
import { askAbout, askToRead } from './naming.ts';
import { paged } from './paging.ts';
import { noLoadBalancer, validation } from './refusals.ts';

const describe = ({
  arn,
  name,
  dnsName,
  zoneId,
  scheme,
  vpcId,
  zones,
  securityGroups,
  createdAt,
  addresses,
}: LoadBalancer): Described => ({
  LoadBalancerArn: arn,
  DNSName: dnsName,
  CanonicalHostedZoneId: zoneId,
  CreatedTime: new Date(createdAt),
  LoadBalancerName: name,
  Scheme: scheme,
  VpcId: vpcId,
  State: { Code: 'active' },
  Type: 'application',
  AvailabilityZones: zones.map((zone) => ({ ...zone, LoadBalancerAddresses: [] })),
  SecurityGroups: [...securityGroups],
  IpAddressType: addresses.aaaa.length > 0 ? 'dualstack' : 'ipv4',
});

export const loadBalancerOperations = (room: Room): ElbOperations => ({
  DescribeLoadBalancers: {
    asks: askToRead('DescribeLoadBalancers'),
    run(input, call) {
      const { LoadBalancerArns: arns, Names: names } = input;
      if (arns && names) throw validation('Load balancer names and load balancer ARNs cannot be specified at the same time');
      const all = [...room.of(call.region).loadBalancers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      const wanted = arns ?? names;
      const found = wanted ? all.filter(({ arn, name }) => wanted.includes(arns ? arn : name)) : all;
      const absent = (wanted ?? []).filter((one) => !found.some(({ arn, name }) => one === (arns ? arn : name)));
      if (absent.length > 0) throw noLoadBalancer(absent);
      const { items, next } = paged(found, input);
      return { LoadBalancers: items.map(describe), ...next };
    },
  },
  DescribeLoadBalancerAttributes: {
    asks: askToRead('DescribeLoadBalancerAttributes'),
    run: ({ LoadBalancerArn }, call) => ({ Attributes: listed(loadBalancerAt(room.of, call, LoadBalancerArn).attributes) }),
  },
  ModifyLoadBalancerAttributes: {
    asks: ({ LoadBalancerArn = '' }, call) => [askAbout(room, call, 'ModifyLoadBalancerAttributes', LoadBalancerArn)],
    run({ LoadBalancerArn, Attributes }, call) {
      const { attributes } = loadBalancerAt(room.of, call, LoadBalancerArn);
      setAttributes(attributes, OF_LOAD_BALANCERS, Attributes);
      return { Attributes: listed(attributes) };
    },
  },
});

export const newAttributes = () => initialAttributes(OF_LOAD_BALANCERS);
