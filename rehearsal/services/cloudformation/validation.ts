// ValidateTemplate and GetTemplateSummary: a template read without a stack.
import type { OperationsOf, Sdks } from '../service.ts';
import { checkTemplate } from '../../stack/blueprint.ts';
import { isNoEcho } from '../../stack/parameters.ts';
import type { ParameterDeclaration, Template } from '../../stack/template.ts';
import { invalid } from '../../stack/values.ts';
import type { Json } from '../../stack/values.ts';
import { onAnything, onStack } from './asks.ts';
import { neededCapabilities } from './capabilities.ts';
import type { Office } from './office.ts';
import { readTemplate } from './source.ts';
import { stackOf } from './stacks.ts';

const scalar = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function describeParameter(one: ParameterDeclaration): {
  ParameterKey: string;
  DefaultValue?: string;
  NoEcho: boolean;
  Description?: string;
} {
  const { Default, Description } = one.settings;
  return {
    ParameterKey: one.name,
    ...(Default !== undefined && { DefaultValue: scalar(Default) }),
    NoEcho: isNoEcho(one),
    ...(typeof Description === 'string' && { Description }),
  };
}

function headOf(template: Template) {
  const { capabilities, reason } = neededCapabilities(template);
  return {
    ...(template.description !== undefined && { Description: template.description }),
    Capabilities: capabilities,
    ...(reason !== undefined && { CapabilitiesReason: reason }),
    DeclaredTransforms: [],
  };
}

const constraintsOf = ({ settings }: ParameterDeclaration): { ParameterConstraints: { AllowedValues?: string[] } } => ({
  ParameterConstraints: Array.isArray(settings['AllowedValues']) ? { AllowedValues: settings['AllowedValues'].map(scalar) } : {},
});

export function validation(office: Office): OperationsOf<Sdks['cloudformation']> {
  return {
    ValidateTemplate: {
      asks: onAnything,
      async run(input, call) {
        const template = await readTemplate(office.ground, call, input);
        checkTemplate(template);
        return { Parameters: [...template.parameters.values()].map(describeParameter), ...headOf(template) };
      },
    },
    GetTemplateSummary: {
      asks: (input, call) =>
        input.StackName === undefined ? onAnything(input, call) : onStack({ StackName: input.StackName }, call),
      async run({ StackName, ...source }, call) {
        const stack = StackName === undefined ? undefined : stackOf(office.room(call.region), StackName);
        if (stack && !stack.intent) throw invalid(`Template not available for stack ${stack.name}`);
        const template = stack?.intent?.template ?? (await readTemplate(office.ground, call, source));
        checkTemplate(template);
        return {
          ...headOf(template),
          Parameters: [...template.parameters.values()].map((one) => ({
            ...describeParameter(one),
            ParameterType: one.type,
            ...constraintsOf(one),
          })),
          ResourceTypes: [...new Set([...template.resources.values()].map(({ type }) => type))],
          ...(template.metadata !== undefined && { Metadata: JSON.stringify(template.metadata) }),
          Version: '2010-09-09',
        };
      },
    },
  };
}
