// npm start: the main job on the embedded cloud, from the package to a run answered by a person's button.
import { main } from './rehearse.ts';

void main(['rollcall/ordinary', '--approve', 'auto', ...process.argv.slice(2)]).then((code) => process.exit(code));
