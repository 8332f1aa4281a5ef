// Metrics, by CloudWatch's embedded metric format: a line in the function's log. A function inside a network has no other way there.
import type { Metrics } from '../ports.ts';
import { systemClock } from './system.ts';

export function awsMetrics(): Metrics {
  const clock = systemClock();
  return {
    put({ name, value, unit, of }) {
      const CloudWatchMetrics = [
        { Namespace: 'Changeover', Dimensions: [Object.keys(of)], Metrics: [{ Name: name, Unit: unit }] },
      ];
      const line = { _aws: { Timestamp: clock.now().getTime(), CloudWatchMetrics }, ...of, [name]: value };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    },
  };
}
