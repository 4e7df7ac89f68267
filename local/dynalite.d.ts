// dynalite ships no types; this is the part of it that is used.
declare module 'dynalite' {
  import type { Server } from 'node:http';

  type Options = { path?: string; createTableMs?: number; deleteTableMs?: number; updateTableMs?: number };
  // biome-ignore lint/style/noDefaultExport: the module is CommonJS and exports one function.
  export default function dynalite(options?: Options): Server;
}
