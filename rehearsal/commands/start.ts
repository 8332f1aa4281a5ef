// npm start: the main job on the embedded cloud, production down and the standby taking over, from the package to the report.
import { main } from './rehearse.ts';

void main(['failover', '--approve', 'auto', ...process.argv.slice(2)]).then((code) => process.exit(code));
