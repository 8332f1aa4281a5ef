// The names JSONata and Step Functions give a meaning of their own: reading one is never reading a missing variable.

const JSONATA =
  'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl toMillis fromMillis clone now millis';
const STEP_FUNCTIONS = 'partition range hash uuid parse';

export const BUILT_IN: ReadonlySet<string> = new Set([...JSONATA.split(' '), ...STEP_FUNCTIONS.split(' ')]);
