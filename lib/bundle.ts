// How a Lambda's code is packed. The one place that says so: the stacks and the tests of the shipped bundles both come here.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';

export const FUNCTIONS_FOLDER = fileURLToPath(new URL('../functions', import.meta.url));

/** What Lambda is told to call in a folder made by `bundle`. */
export const HANDLER = 'index.handler';

// CommonJS packages inside an ES module call `require`, which such a module does not have. The long name cannot meet a minified one.
const REQUIRE =
  "import { createRequire as outcropCreateRequire } from 'node:module';const require = outcropCreateRequire(import.meta.url);";

// `module` before `main` picks the packages' ES modules: a third fewer bytes than esbuild's default for Node, and a faster cold start.
// No source maps and no metafile: either would travel with the code and be larger than it.
const OPTIONS: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: false,
  metafile: false,
  legalComments: 'none',
  // Other characters than ASCII as they are: escapes would be a twentieth of the admin function.
  charset: 'utf8',
  // Clients that the SDK loads when credentials come from a profile, single sign-on or an assumed role. A function's come from its
  // environment, which is asked first, so these would be a tenth of every bundle and never run.
  external: [
    ...['sts', 'signin', 'sso-oidc'].map((client) => `@aws-sdk/nested-clients/${client}`),
    ...['ini', 'login', 'process', 'sso', 'web-identity'].map((source) => `@aws-sdk/credential-provider-${source}`),
  ],
  banner: { js: REQUIRE },
  logLevel: 'warning',
  write: false,
};

// zod's messages in fifty languages, a sixth of the admin function. It reaches them by one name that nothing of ours says.
const LOCALES = '*/locales/index.js';
const IMPORT_OF_LOCALES = /import\*as (\w+) from"\.\.\/locales\/index\.js";/g;

/** Packs a handler and all it imports, the AWS SDK included, into `index.mjs` of the folder. The same input gives the same bytes. */
export function bundle(entry: string, folder: string): void {
  const outfile = join(folder, 'index.mjs');
  const { outputFiles } = buildSync({ ...OPTIONS, external: [...OPTIONS.external!, LOCALES], entryPoints: [entry], outfile });
  mkdirSync(folder, { recursive: true });
  writeFileSync(outfile, outputFiles![0]!.text.replaceAll(IMPORT_OF_LOCALES, 'var $1={};'));
}
