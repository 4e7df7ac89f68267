// The routes of an app, from its own list.
type App = { routes: { method: string; path: string }[] };

/** Without the middleware, which stands on every path. */
export function routesOf({ routes }: App): string[] {
  const isMiddleware = (path: string) => path === '/*' || path === '*';
  return [...new Set(routes.filter(({ path }) => !isMiddleware(path)).map(({ method, path }) => `${method} ${path}`))];
}
