// The limits of a failover that concern names and doors: records that can be moved, and a door that can serve what the name needs.
import type { Certificate, Front } from './facts.ts';
import type { Finding, LimitRule } from './limits.ts';
import { plainName } from './record-sets.ts';
import type { NameScene, Scene } from './scene.ts';
import { doorOf } from './sides.ts';
import { clockOf, listOf } from './words.ts';

/** A certificate that ends within a day would end a failover's first day. */
const CERTIFICATE_ROOM_SECONDS = 86_400;
/** Every distribution's hosted zone. */
const DISTRIBUTION_ZONES: readonly string[] = ['Z2FDTNDATAQYW2', 'Z3RFFRIM2A3IF5'];

/** One label for the star, and only as the whole first label (RFC 6125, 6.4.3). */
export function covers(pattern: string, name: string): boolean {
  const [wanted, given] = [plainName(name), plainName(pattern)];
  if (wanted === given) return true;
  const [first, ...rest] = given.split('.');
  const [label = '', ...others] = wanted.split('.');
  return first === '*' && label !== '' && others.join('.') === rest.join('.') && rest.length > 1;
}

/** CloudFront's own star stands for any number of labels. */
export const owns = (alternate: string, name: string): boolean =>
  plainName(alternate) === plainName(name) ||
  (alternate.startsWith('*.') && plainName(name).endsWith(plainName(alternate.slice(1))));

const securely = ({ listeners }: Front): Front['listeners'] => listeners.filter(({ protocol }) => protocol === 'HTTPS');

/** A rule that looks at one name and its door at a time. */
const perName =
  (breachesOf: (one: NameScene & { readonly door: Front }, scene: Scene) => readonly string[], said: Omit<Finding, 'breaches'>) =>
  (scene: Scene): Finding => ({
    ...said,
    unjudged: scene.names.some(({ to }) => to) ? null : 'there is no door to look at',
    breaches: scene.names.flatMap((one) => (one.to ? breachesOf({ ...one, door: one.to }, scene) : [])),
  });

function certificateBreaches({ name, door }: NameScene & { readonly door: Front }, { now }: Scene): string[] {
  const secure = securely(door);
  const certificates = secure.flatMap((listener) => listener.certificates);
  if (secure.length === 0) return [];
  const troubles = certificates.map((certificate) => troubleOf(certificate, name.name, now));
  if (troubles.includes(null)) return [];
  const said = troubles.length === 0 ? 'it has no certificate' : listOf([...new Set(troubles.map(String))]);
  return [`${door.kind} ${door.id} cannot prove that it is ${name.name}: ${said}`];
}

function troubleOf({ names, notAfter, status }: Certificate, name: string, now: Date): string | null {
  const label = names.length === 0 ? 'one without names' : `the one for ${names.join(', ')}`;
  if (!names.some((pattern) => covers(pattern, name))) return `${label} does not cover it`;
  if (status !== 'ISSUED') return `${label} is ${status}`;
  if (notAfter === null) return null;
  const seconds = (Date.parse(notAfter) - now.getTime()) / 1000;
  if (seconds <= 0) return `${label} ended ${clockOf(notAfter, now)}`;
  return seconds < CERTIFICATE_ROOM_SECONDS ? `${label} ends within a day, at ${clockOf(notAfter, now)}` : null;
}

function pageBreaches({ name, door, facts: { page } }: NameScene & { readonly door: Front }, { sides }: Scene): string[] {
  if (!name.needs.frontEnd) return [];
  if (page?.status === 200 && page.html) return [];
  const said =
    page === null
      ? 'was not asked'
      : page.status === null
        ? `gave no answer: ${page.trouble ?? 'no reason given'}`
        : page.status === 200
          ? 'answered something that is no page'
          : `answered ${page.status}`;
  return [`the front end of ${name.name} through ${door.kind} ${door.id} of ${sides.to} ${said}`];
}

/** A door's own zone id can be checked where it is the same for everybody. */
function zoneBreaches({ move, door }: NameScene & { readonly door: Front }): string[] {
  const own = door.kind === 'distribution' && !DISTRIBUTION_ZONES.includes(door.zoneId);
  return [
    ...(own ? [`distribution ${door.id} was read with zone id ${door.zoneId}, which is no distribution's`] : []),
    ...(move?.troubles.zones ?? []),
  ];
}

function judgeDoors({ names, estate, sides }: Scene): Finding {
  const web = estate.environments[sides.to]?.web;
  const missing = names
    .filter(({ to }) => !to)
    .map(({ name }) => {
      const kind = doorOf(sides.to, name, estate);
      return `${name.name} would be served by the ${kind} ${web?.[kind] ?? 'that the estate does not name'}, which does not exist`;
    });
  return {
    breaches: missing,
    otherwise: `${sides.to} has a door for every name`,
    expected: `a door of ${sides.to} for every public name`,
    wayOut: 'create it, or name the right one in estate.yml',
  };
}

export const DOOR_LIMITS: readonly LimitRule<Scene>[] = [
  { name: 'door-missing', firm: 'there is nowhere to lead people to', judge: judgeDoors },
  {
    name: 'unknown-record-target',
    firm: 'whoever made that record leads people somewhere this plan knows nothing of',
    judge: perName(
      ({ name, move }) =>
        move?.leads.length === 0 ? [`${name.name} has no record that leads anywhere`] : (move?.troubles.strange ?? []),
      {
        otherwise: 'every record leads to one of the two sides',
        expected: 'every record of a public name leads to one of the two sides',
        wayOut: 'lead it to the side that is left, or take it away',
      },
    ),
  },
  {
    name: 'a-and-aaaa-disagree',
    firm: null,
    judge: perName(({ move }) => move?.troubles.behind ?? [], {
      otherwise: 'all address types move together',
      expected: 'no record of a public name goes on leading to the old side',
      wayOut: "list the type among the name's types in estate.yml, or take the record away",
    }),
  },
  {
    name: 'wrong-alias-zone',
    firm: null,
    judge: perName(zoneBreaches, {
      otherwise: "every alias carries its target's zone id",
      expected: "every alias carries its target's own zone id",
      wayOut: 'correct the record; this failover writes the right id in any case',
    }),
  },
  {
    name: 'https-missing',
    firm: null,
    judge: perName(
      ({ name, door }) => (securely(door).length > 0 ? [] : [`${door.kind} ${door.id} serves ${name.name} by HTTP only`]),
      {
        otherwise: 'every name is served by HTTPS',
        expected: 'a listener for HTTPS on the door of every name',
        wayOut: 'give it a listener for HTTPS with a certificate',
      },
    ),
  },
  {
    name: 'certificate',
    firm: null,
    judge: perName(certificateBreaches, {
      otherwise: 'every name is covered by a certificate of its door',
      expected: 'an issued certificate that covers the name and lasts a day at least',
      wayOut: 'add a certificate for the name to the listener',
    }),
  },
  {
    name: 'alternate-name',
    firm: 'CloudFront answers 403 for a name that the distribution does not own',
    judge: perName(
      ({ name, door }) =>
        door.alternateNames === null || door.alternateNames.some((alternate) => owns(alternate, name.name))
          ? []
          : [`distribution ${door.id} does not own ${name.name}: it has ${listOf(door.alternateNames) || 'no alternate name'}`],
      {
        otherwise: 'every distribution owns the names it serves',
        expected: 'the name among the alternate names of the distribution',
        wayOut: 'move the alternate name to that distribution',
      },
    ),
  },
  {
    name: 'front-end-missing',
    firm: null,
    judge: perName(pageBreaches, {
      otherwise: 'every name that needs a front end has it',
      expected: 'a page at / where the name needs the front end',
      wayOut: 'deploy the front end there',
    }),
  },
];
