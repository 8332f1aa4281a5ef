// A public name is declared once, serves something, and by a door that is there.
import { environmentNamed, lacks, once, unknownEnvironment, when, type Rule } from './mistake.ts';

export const names: Rule = (draft) => {
  const declared = (draft.names ?? []).map((one, at) => ({ one: one ?? {}, path: ['names', at] }));
  const known = declared.filter(({ one }) => one.name !== undefined);
  return [
    ...when(
      known.length > 0 && known.length === declared.length && known.every(({ one }) => one.needs?.api === false),
      ['names'],
      'no name that serves the API',
      'at least one with needs.api: true',
      'a failover is proven by a write through such a name; say which one it is',
    ),
    ...once(
      declared.map(({ one, path }) => [[...path, 'name'], one.name] as const),
      'each name once',
      'put the two together',
    ),
    ...declared.flatMap(({ one, path }) => [
      ...once(
        (one.types ?? []).map((type, nth) => [[...path, 'types', nth], type] as const),
        'each type once',
        'take one out',
      ),
      ...when(
        one.needs?.api === false && one.needs.frontEnd === false,
        [...path, 'needs'],
        'neither frontEnd nor api',
        'at least one of them',
        'say what whoever asks for the name must get',
      ),
      ...Object.entries(one.via ?? {}).flatMap(([name, door]) => {
        const at = [...path, 'via', name];
        const web = environmentNamed(draft, name)?.web;
        return [
          ...unknownEnvironment(draft, at, name),
          ...when(
            door === 'distribution' && web !== undefined && lacks(web, 'distribution'),
            at,
            '"distribution"',
            `a door that ${name} has`,
            `name its distribution in environments.${name}.web, or say loadBalancer`,
          ),
        ];
      }),
    ]),
  ];
};
