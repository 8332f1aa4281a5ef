// Attributes of load balancers, target groups and listeners: what AWS hands out, what is good, and what has an effect here.
import { AwsError, notImitated } from '../error.ts';
import type { Attributes } from './catalog.ts';
import { refusal } from './refusals.ts';

interface Attribute {
  readonly initial: string;
  /** Values that have an effect here; none when only the initial one is imitated. */
  readonly good?: RegExp;
}
export type Known = Readonly<Record<string, Attribute>>;

const FLAG = /^(true|false)$/;
const seconds = (least: number, most: number): RegExp =>
  new RegExp(`^(?:${Array.from({ length: most - least + 1 }, (_, i) => least + i).join('|')})$`);

export const OF_LOAD_BALANCERS: Known = {
  'access_logs.s3.enabled': { initial: 'false' },
  'access_logs.s3.bucket': { initial: '' },
  'access_logs.s3.prefix': { initial: '' },
  'idle_timeout.timeout_seconds': { initial: '60', good: seconds(1, 4_000) },
  'deletion_protection.enabled': { initial: 'false', good: FLAG },
  'routing.http2.enabled': { initial: 'true' },
  'routing.http.drop_invalid_header_fields.enabled': { initial: 'false' },
  'routing.http.xff_client_port.enabled': { initial: 'false' },
  'routing.http.preserve_host_header.enabled': { initial: 'false' },
  'routing.http.xff_header_processing.mode': { initial: 'append', good: /^(append|preserve|remove)$/ },
  'routing.http.desync_mitigation_mode': { initial: 'defensive' },
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': { initial: 'false' },
  'load_balancing.cross_zone.enabled': { initial: 'true' },
  'client_keep_alive.seconds': { initial: '3600' },
  'waf.fail_open.enabled': { initial: 'false' },
  'connection_logs.s3.enabled': { initial: 'false' },
  'connection_logs.s3.bucket': { initial: '' },
  'connection_logs.s3.prefix': { initial: '' },
  'zonal_shift.config.enabled': { initial: 'false' },
};

const OF_SERVER_GROUPS: Known = {
  'deregistration_delay.timeout_seconds': { initial: '300', good: seconds(0, 3_600) },
  'stickiness.enabled': { initial: 'false' },
  'stickiness.type': { initial: 'lb_cookie' },
  'stickiness.lb_cookie.duration_seconds': { initial: '86400' },
  'stickiness.app_cookie.cookie_name': { initial: '' },
  'stickiness.app_cookie.duration_seconds': { initial: '86400' },
  'load_balancing.algorithm.type': { initial: 'round_robin' },
  'load_balancing.algorithm.anomaly_mitigation': { initial: 'off' },
  'load_balancing.cross_zone.enabled': { initial: 'use_load_balancer_configuration' },
  'slow_start.duration_seconds': { initial: '0' },
  'target_group_health.dns_failover.minimum_healthy_targets.count': { initial: '1' },
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': { initial: 'off' },
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': { initial: '1' },
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': { initial: 'off' },
};
const OF_FUNCTION_GROUPS: Known = { 'lambda.multi_value_headers.enabled': { initial: 'false', good: FLAG } };

export const ofGroups = (type: string): Known => (type === 'lambda' ? OF_FUNCTION_GROUPS : OF_SERVER_GROUPS);

/** What the answers of an HTTP listener carry of the load balancer itself. */
export const OF_LISTENERS: Known = { 'routing.http.response.server.enabled': { initial: 'true' } };

export const initialAttributes = (known: Known): Attributes =>
  new Map(Object.entries(known).map(([key, { initial }]) => [key, initial]));

interface Given {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** All of them or none. */
export function setAttributes(attributes: Attributes, known: Known, given: readonly Given[] = []): void {
  for (const { Key: key = '', Value: value = '' } of given) {
    const attribute = known[key];
    if (!attribute) throw invalid(`'${key}' is not a valid attribute key for this resource`);
    if (attribute.good && !attribute.good.test(value)) throw invalid(`'${value}' is not a valid value for attribute '${key}'`);
    if (!attribute.good && value !== attribute.initial) throw notImitated(`the attribute ${key} with the value '${value}'`);
  }
  for (const { Key: key = '', Value: value = '' } of given) attributes.set(key, value);
}

const invalid = (message: string): AwsError => refusal('ValidationError', message);

export const listed = (attributes: Attributes): { Key: string; Value: string }[] =>
  [...attributes].map(([Key, Value]) => ({ Key, Value }));
