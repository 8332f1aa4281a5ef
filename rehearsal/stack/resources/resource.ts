// What a resource type is: its properties' shape, what it answers to Ref and Fn::GetAtt, and how the service's own API makes,
// changes and removes it.
import type { InputOf, OperationName, OutputOf, ServiceId, Sdks } from '../../services/service.ts';
import type { Json } from '../../states/world.ts';
import type { Shape } from '../shape.ts';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Where one resource is being made: the stack's own credentials are behind `call`. */
export interface Site {
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  /** The tags of the stack. */
  readonly stackTags: readonly Tag[];
  call<Id extends ServiceId, Op extends OperationName<Sdks[Id]>>(
    service: Id,
    operation: Op,
    input: InputOf<Sdks[Id], Op>,
  ): Promise<OutputOf<Sdks[Id], Op>>;
  /** Lets time pass: for what a service finishes later. */
  wait(milliseconds: number): Promise<void>;
  /** `stack-LogicalId-1A2B3C4D5E6F`, cut to the limit. */
  name(limit: number, style?: NameStyle): string;
}
export type NameStyle = 'stack' | 'bucket' | 'logical' | 'parameter';

/** A resource that stands. */
export interface Standing {
  /** What Ref gives. */
  readonly physicalId: string;
  /** What Fn::GetAtt gives. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Resource<P> {
  readonly type: string;
  readonly shape: Shape<P>;
  readonly attributes: readonly string[];
  /** Properties whose change makes a new resource; '*' for every one. */
  readonly replacedBy: readonly string[] | '*';
  /** The property that gives a name of the template's own choice. */
  readonly nameProperty?: string;
  /** What the type means for CreateStack's Capabilities. */
  readonly capability?: 'iam' | 'named-iam-when-named';
  /** What the shape cannot say: two properties that exclude each other, of which one is needed. */
  check?(properties: P): string | undefined;
  create(properties: P, site: Site): Promise<Standing>;
  update?(properties: P, before: P, standing: Standing, site: Site): Promise<Standing>;
  remove(standing: Standing, properties: P, site: Site): Promise<void>;
}

/** A resource type among others of other properties. */
export type AnyResource = Omit<Resource<unknown>, 'shape'> & { readonly shape: Shape<unknown> };

/** The engine gives each handler only what its own shape has read: that is what the change of type rests on. */
export const resource = <P>(definition: Resource<P>): AnyResource => definition;

/** A resource's own tags over the stack's. */
export function tagsOf(own: readonly Tag[] | undefined, site: Site): Tag[] {
  const tags = new Map([...site.stackTags, ...(own ?? [])].map((tag) => [tag.Key, tag.Value]));
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}

export const tagMap = (own: readonly Tag[] | undefined, site: Site): Record<string, string> =>
  Object.fromEntries(tagsOf(own, site).map(({ Key, Value }) => [Key, Value]));

/** The keys that were there and are no longer. */
export const droppedTags = (before: readonly Tag[] | undefined, after: readonly Tag[] | undefined): string[] =>
  (before ?? []).map(({ Key }) => Key).filter((key) => !(after ?? []).some((tag) => tag.Key === key));

export const jsonText = (document: Json): string => (typeof document === 'string' ? document : JSON.stringify(document));

export const needed = (value: string | undefined, what: string): string => {
  if (value === undefined) throw new Error(`the service answered without ${what}`);
  return value;
};

export const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  /^(NoSuchEntity|NotFound|NotFoundException|ResourceNotFoundException|ResourceNotFound|NoSuchBucket|StateMachineDoesNotExist|ParameterNotFound)/.test(
    'code' in error && typeof error.code === 'string' ? error.code : error.name,
  );
