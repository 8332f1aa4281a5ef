/** The code of pg_dump, put into the bundle by esbuild: see esbuild.config.ts. */
declare module 'pg_dump.wasm' {
  const code: Uint8Array;
  export default code;
}
