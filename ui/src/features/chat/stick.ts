/** Keeps a scroller at its end while it grows, until the person scrolls away. */
const NEAR_PX = 48;

export function stickToEnd(scroller: HTMLElement): () => void {
  let stuck = true;
  let height = scroller.scrollHeight;
  const toEnd = () => {
    if (!stuck) return;
    scroller.scrollTop = scroller.scrollHeight;
  };
  const onScroll = () => {
    // A change of height moves the view too; only a scroll at the same height is the person's.
    if (scroller.scrollHeight !== height) {
      height = scroller.scrollHeight;
      return;
    }
    stuck = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
  };
  const grown = new ResizeObserver(() => {
    height = scroller.scrollHeight;
    toEnd();
  });
  grown.observe(scroller);
  for (const child of scroller.children) grown.observe(child);
  scroller.addEventListener('scroll', onScroll, { passive: true });
  toEnd();
  return () => {
    grown.disconnect();
    scroller.removeEventListener('scroll', onScroll);
  };
}
