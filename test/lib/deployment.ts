// The stacks as a deployment makes them, with the flags of cdk.json, without packing the functions unless it is asked for.
import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { readSettings, type Settings } from '../../lib/settings.ts';
import { createStacks, type Stacks } from '../../lib/stacks.ts';

const { context: FLAGS } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));

type Context = Record<string, unknown>;

/** The settings that `-c name=value` gives. */
export function settingsOf(context: Context = {}): Settings {
  return readSettings((name) => context[name]);
}

export function createDeployment(context: Context = {}, { isPacked = false } = {}): Stacks & { app: App } {
  const app = new App({ context: { ...FLAGS, ...(!isPacked && { 'aws:cdk:bundling-stacks': [] }) } });
  return { app, ...createStacks(app, settingsOf(context)) };
}

export type Resource = { Type: string; Properties: Record<string, unknown>; DeletionPolicy?: string };
type Resources = Record<string, Resource>;

type Templates = { data: Template; gateway: Template };

export function templatesOf(context: Context = {}): Templates {
  const { data, gateway } = createDeployment(context);
  return { data: Template.fromStack(data), gateway: Template.fromStack(gateway) };
}

/** Logical id → resource, of one type or of all. */
export function resourcesOf(template: Template, type?: string): Resources {
  const { Resources: all } = template.toJSON() as { Resources: Resources };
  return Object.fromEntries(Object.entries(all).filter(([, resource]) => type === undefined || resource.Type === type));
}
