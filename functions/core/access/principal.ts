// Who calls.

export type Role = 'user' | 'admin';

export type Key = {
  id: string;
  name: string;
  email: string | null;
  role: Role;
  tags: string[];
  /** Names of models it may call, besides those it is granted; empty, and nothing granted, means every model. */
  models: string[];
  /** Models that its group grants to all of its keys. */
  granted: string[];
  groupId: string | null;
  userId: string | null;
  createdAt: number;
  updatedAt: number;
  expiresAt: number | null;
  revoked: { at: number; reason: string } | null;
  secretHash: string;
  secretHint: string;
  version: bigint;
};

type Owner = {
  id: string;
  name: string;
  tags: string[];
  createdAt: number;
  updatedAt: number;
  expiresAt: number | null;
  revoked: { at: number; reason: string } | null;
};

/** Keys that share an account, and models that are granted to all of them. */
export type Group = Owner & { models: string[] };

/** A person, or a program, whose keys share an account. */
export type User = Owner & { email: string | null };

export type Principal = { kind: 'master' } | { kind: 'key'; key: Key };

export function isAdmin(principal: Principal): boolean {
  return principal.kind === 'master' || principal.key.role === 'admin';
}

/** Whether the key may call the model, by any of the names the model goes by. */
export function mayCall({ models, granted }: Key, names: readonly string[]): boolean {
  const allowed = [...models, ...granted];
  return allowed.length === 0 || allowed.some((name) => names.includes(name));
}
