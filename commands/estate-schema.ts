// npm run estate:schema: writes estate.schema.json, by which an editor helps with estate.yml.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { EstateFields } from '../shared/estate.ts';

export const SCHEMA_FILE = join(__dirname, '..', 'estate.schema.json');

/** What an estate looks like field by field; what fields say of each other only `npm run estate:check` knows. */
export function estateSchema(): string {
  const schema = z.toJSONSchema(EstateFields, { target: 'draft-2020-12', io: 'input' });
  return `${JSON.stringify({ title: 'What the team owns', ...schema }, null, 2)}\n`;
}

if (require.main === module) writeFileSync(SCHEMA_FILE, estateSchema());
