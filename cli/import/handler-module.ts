/** A handler as AWS writes it, taken apart. */
export interface HandlerModule {
  /** The folder of the module within the code, "" for its root. */
  folder: string;
  /** The module's file without its ending. */
  module: string;
  /** As spec.handler takes it: without folders. */
  handler: string;
}

/**
 * Python: the function is after the last dot, the module before it, with '/' or '.' between folders: "src.api.app.handler" → src/api, app.
 * Node: folders are before the last '/', the file's name before the first dot after it: "src/app.a.b" → src, app. Undefined for what is none.
 */
export function handlerModule(handler: string, family: string): HandlerModule | undefined {
  const split = family === 'python' ? pythonParts(handler) : /^(?:(.*)\/)?([^/.]+)\.(.+)$/.exec(handler)?.slice(1);
  if (!split) return undefined;
  const [folder = '', module = '', fn = ''] = split;
  const made = { folder: folder.replace(/^\.?\/+/, ''), module, handler: `${module}.${fn}` };
  return /^[A-Za-z0-9_-]+([.][A-Za-z0-9_$-]+)+$/.test(made.handler) && made.handler.length <= 128 ? made : undefined;
}

function pythonParts(handler: string): string[] | undefined {
  const dot = handler.lastIndexOf('.');
  if (dot < 1) return undefined;
  const folders = handler
    .slice(0, dot)
    .split(/[/.]+/)
    .filter((part) => part !== '');
  const module = folders.pop();
  return module === undefined ? undefined : [folders.join('/'), module, handler.slice(dot + 1)];
}
