/** Writes a text into the person's downloads, as a browser does. */
export function saveFile(name: string, mime: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: mime }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The download has begun by the next task; then nothing needs the address any more.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
