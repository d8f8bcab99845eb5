/** Chooses the host by asking what is there, never "which platform is this". */
import { isInBrowser } from './browser';
import type { Host } from './host';

export async function connectHost(): Promise<Host> {
  if (!isInBrowser) return new (await import('./tauri')).TauriHost();
  const { WebHost, takeToken } = await import('./web');
  return new WebHost(takeToken(window.location, window.history, window.sessionStorage), window.location.origin);
}
