// /admin/v1/users: people and programs whose keys share a budget, and what only users have: an address.
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type UserStore, userOf } from '../../core/access/user-store.ts';
import type { AdminVariables } from '../problem.ts';
import { fields } from './key-schemas.ts';
import { addSharedOwners, type SharedDependencies } from './shared-owners.ts';
import { sharedSchemas } from './shared-schemas.ts';

const schemas = sharedSchemas('User', {
  example: 'usr_0Q2yYd7RkWcXn4uTfJb1Zs',
  sent: { email: fields.email },
  shown: { email: z.string().nullable() },
});

export function addUsers(app: OpenAPIHono<AdminVariables>, dependencies: SharedDependencies & { users: UserStore }): void {
  const user = {
    ...({ kind: 'user', prefix: 'usr', schemas, owners: dependencies.users, identityOf: userOf } as const),
    description: 'A person or a program whose keys share a budget and limits.',
    ownOf: ({ email }: { email?: string | null }) => (email === undefined ? {} : { email }),
    blank: { email: null },
  };
  addSharedOwners(app, user, dependencies);
}
