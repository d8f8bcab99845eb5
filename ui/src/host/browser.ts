/** Whether a browser is around the window, rather than the shell: asked of what is there. */
export const isInBrowser = !('__TAURI_INTERNALS__' in globalThis);
