// Who calls.

export type Role = 'user' | 'admin';

/** How much of the key's calls is logged, where that is not what the deployment says. */
export type KeyLogging = 'off' | 'metadata' | 'full' | null;

export type Key = {
  id: string;
  name: string;
  email: string | null;
  role: Role;
  tags: string[];
  /** Names of models it may call; empty means every model. */
  models: string[];
  logging: KeyLogging;
  createdAt: number;
  updatedAt: number;
  expiresAt: number | null;
  revoked: { at: number; reason: string } | null;
  secretHash: string;
  secretHint: string;
  version: bigint;
};

export type Principal = { kind: 'master' } | { kind: 'key'; key: Key };

export function isAdmin(principal: Principal): boolean {
  return principal.kind === 'master' || principal.key.role === 'admin';
}

/** Whether the key may call the model, by any of the names the model goes by. */
export function mayCall(key: Key, names: readonly string[]): boolean {
  return key.models.length === 0 || key.models.some((allowed) => names.includes(allowed));
}
