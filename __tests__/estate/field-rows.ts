// Every field of an estate as a row of docs/estate.md, from the schema that editors read.
import { estateSchema } from '../../commands/estate-schema.ts';

interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly additionalProperties?: Shape | false;
}

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

function need(shape: Shape, required: boolean): string {
  if (required) return 'yes';
  return shape.default === undefined || typeof shape.default === 'object' ? 'no' : code(shape.default);
}

const below = (shape: Shape, path: string): string[] => [
  ...Object.entries(shape.properties ?? {}).flatMap(([name, one]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const example = (one.enum ?? one.examples?.slice(0, 1) ?? []).map(code).join(' ');
    return [
      `| \`${at}\` | ${need(one, shape.required?.includes(name) === true)} | ${one.description ?? ''} | ${example} |`,
      ...below(one, at),
    ];
  }),
  ...(shape.items ? below(shape.items, `${path}[]`) : []),
  ...(shape.additionalProperties ? below(shape.additionalProperties, `${path}.*`) : []),
];

export const fieldRows = (): string[] => below(JSON.parse(estateSchema()) as Shape, '');
