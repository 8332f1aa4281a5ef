// npm start: the main job on the embedded cloud, production down and the standby taking over, from the package to the report.
import { runCommand } from './command.ts';
import { main } from './rehearse.ts';

runCommand(main, ['failover', '--approve', 'auto', ...process.argv.slice(2)]);
