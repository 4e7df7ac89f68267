// Who calls.

export type Role = 'user' | 'auditor' | 'admin';

/** How much of the key's calls is logged, where that is not what the deployment says. */
export type KeyLogging = 'off' | 'metadata' | 'full' | null;

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
  logging: KeyLogging;
  /** For how long its prompts are cached where a request does not say it; `null`: as the gateway has it. */
  cacheTtl: '5m' | '1h' | 'disabled' | null;
  createdAt: number;
  updatedAt: number;
  expiresAt: number | null;
  revoked: { at: number; reason: string } | null;
  secretHash: string;
  secretHint: string;
  version: bigint;
};

/** An owner whose account keys share. */
export type SharedOwner = {
  id: string;
  name: string;
  tags: string[];
  createdAt: number;
  updatedAt: number;
  expiresAt: number | null;
  revoked: { at: number; reason: string } | null;
};

/** Keys that share an account, and models that are granted to all of them. */
export type Group = SharedOwner & { models: string[] };

/** A person, or a program, whose keys share an account. */
export type User = SharedOwner & { email: string | null };

/** Somebody whom the identity provider has signed in. Has no account that could be charged. */
export type SignedIn = {
  /** Who it is at the issuer: the same in every token of that person. */
  id: string;
  name: string | null;
  /** One that the issuer does not call unverified. */
  email: string | null;
  /** The issuer says that it has verified the address: then keys that carry it are this person's own. */
  hasVerifiedEmail: boolean;
  role: Role;
  /** When the token ends. */
  expiresAt: number;
};

export type Principal = { kind: 'master' } | { kind: 'key'; key: Key } | { kind: 'user'; user: SignedIn };

/** The role of a key or a signed-in user; the master key stands above roles. */
export function roleOf(principal: Principal): Role | 'master' {
  if (principal.kind === 'master') return 'master';
  return principal.kind === 'key' ? principal.key.role : principal.user.role;
}

/** Whether the key may call the model, by any of the names the model goes by. */
export function mayCall({ models, granted }: Key, names: readonly string[]): boolean {
  const allowed = [...models, ...granted];
  return allowed.length === 0 || allowed.some((name) => names.includes(name));
}
