declare module '*.css';
declare module '*?raw' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: vite gives raw text as the default export
  export default text;
}
