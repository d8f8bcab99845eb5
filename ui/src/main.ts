/** Makes the host, the state and the window, in this order. */
import { mount } from 'svelte';
import App from './App.svelte';
import { connectHost } from './host/connect';
import { pictureUrl } from './lib/pictures';
import { Studio } from './state/studio.svelte';
import './styles/index.css';

const studio = new Studio(
  {
    host: await connectHost(),
    onFrame: (run) => requestAnimationFrame(run),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    now: () => Date.now(),
  },
  pictureUrl,
);

mount(App, { target: document.body, props: { studio } });
