import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The server that `npm run dev` talks to; the built files are served by that server itself.
const server = process.env.LB_DEV_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/',
  plugins: [react()],
  server: {
    port: 5173,
    proxy: {
      // The server accepts requests from its own origin only.
      '/graphql': { target: server, ws: true, changeOrigin: true, headers: { origin: server } },
      '/v1': { target: server },
      // Tracking links, hosted forms and posting specifications are the server's own pages.
      '^/(c|f|spec)/': { target: server },
    },
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    chunkSizeWarningLimit: 700,
    // No data: URLs, so that a strict content security policy needs no exceptions.
    assetsInlineLimit: 0,
    // GraphiQL is a page of its own: the server shows it in demo mode only.
    rollupOptions: { input: ['index.html', 'graphiql.html'] },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    testTimeout: 15_000,
  },
});
