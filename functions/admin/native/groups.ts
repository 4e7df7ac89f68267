// /admin/v1/groups: what keys share, and what only groups have: models that are granted to all of their keys.
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type GroupStore, groupOf } from '../../core/access/group-store.ts';
import type { AdminVariables } from '../problem.ts';
import { fields } from './key-schemas.ts';
import { addSharedOwners, type SharedDependencies } from './shared-owners.ts';
import { sharedSchemas } from './shared-schemas.ts';

const schemas = sharedSchemas('Group', {
  example: 'grp_0Q2yYd7RkWcXn4uTfJb1Zs',
  sent: { models: fields.models },
  shown: { models: z.array(z.string()).openapi({ description: 'Granted to every key of the group.' }) },
});

export function addGroups(app: OpenAPIHono<AdminVariables>, dependencies: SharedDependencies & { groups: GroupStore }): void {
  const group = {
    ...({ kind: 'group', prefix: 'grp', schemas, owners: dependencies.groups, identityOf: groupOf } as const),
    description: 'What keys share: a budget, limits, and models that are granted to all of them.',
    ownOf: ({ models }: { models?: string[] }) => (models === undefined ? {} : { models }),
    blank: { models: [] },
  };
  addSharedOwners(app, group, dependencies);
}
