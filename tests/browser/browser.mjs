/**
 * Starts the Chromium that npm ships, so that no system package is needed.
 * TMPDIR must be a private folder: the package unpacks its binary and libraries there.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium: playwright } = require('playwright-core');
const { default: chromium } = await import(pathToFileURL(require.resolve('@sparticuz/chromium')).href);

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1440, height: 900 };

export async function launch() {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    // Not the package's own arguments: they switch off web security, and with it what is tested here.
    // Software WebGL2 is what a machine without a graphics chip can do, and the same on every machine.
    args: [
      '--no-sandbox',
      '--no-zygote',
      '--disable-dev-shm-usage',
      '--headless=shell',
      '--font-render-hinting=none',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
    headless: true,
  });
}

/** A page of a given size and scheme that collects every error the browser reports. */
export async function openPage(browser, base, { size = PHONE, scheme = 'light', locale = 'en-GB', ...more } = {}) {
  const phone = size.width < 600;
  const context = await browser.newContext({
    baseURL: base,
    viewport: size,
    deviceScaleFactor: phone ? 2 : 1,
    hasTouch: phone,
    isMobile: phone,
    colorScheme: scheme,
    locale,
    timezoneId: 'Europe/Berlin',
    ...more,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(base).origin) complaints.push(`third party: ${request.url()}`);
  });
  return { context, page, complaints };
}
