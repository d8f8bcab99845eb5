/** Modules the build makes. */
declare module 'virtual:licences' {
  export const licences: readonly { readonly name: string; readonly licence: string; readonly text: string }[];
}
