// What a gateway can do, by its own OpenAPI document: a deployed one may be older than this command.
import type { Gateway } from './client.ts';

type Parameter = { name: string; in: string };
type Document = {
  paths: Record<string, Record<string, { parameters?: Parameter[] }>>;
  components: { schemas: Record<string, { properties?: Record<string, unknown> }> };
};

export type Abilities = {
  hasPath(path: string): boolean;
  /** Whether a list takes this query parameter. */
  takesQuery(path: string, name: string): boolean;
  /** Whether what is sent as this schema may have the property. */
  takesProperty(schema: string, name: string): boolean;
};

export async function readAbilities(gateway: Gateway): Promise<Abilities> {
  const { paths, components } = await gateway.ask<Document>('GET', '/admin/v1/openapi.json');
  return {
    hasPath: (path) => Object.hasOwn(paths, path),
    takesQuery: (path, name) => (paths[path]?.get?.parameters ?? []).some((one) => one.in === 'query' && one.name === name),
    takesProperty: (schema, name) => Object.hasOwn(components.schemas[schema]?.properties ?? {}, name),
  };
}
