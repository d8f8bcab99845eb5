/** How far a layer stands from its opener, so that it does not cover the part the opener belongs to. */
const GAP_PX = 8;

export function gapOf(opener: HTMLElement | null, part: string | undefined): number {
  const box = part === undefined ? undefined : opener?.closest(part)?.getBoundingClientRect();
  return opener && box ? opener.getBoundingClientRect().top - box.top + GAP_PX : GAP_PX;
}
