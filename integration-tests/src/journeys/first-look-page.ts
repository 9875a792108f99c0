import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** The page in a browser, as a newcomer opens it. */
export class FirstLook {
  readonly page: Page;
  /** What the console said and what was thrown, since it was last emptied. */
  faults: string[] = [];
  readonly #pictures: string | undefined;

  /** @param pictures the folder that keeps pictures for the documentation; without it none is taken */
  constructor(page: Page, pictures?: string) {
    this.page = page;
    this.#pictures = pictures;
    page.on('console', (message) => message.type() === 'error' && this.faults.push(message.text()));
    page.on('pageerror', ({ message }) => this.faults.push(message));
  }

  /** The replay's share as the header shows it, in per cent. */
  async share(): Promise<number> {
    return Number.parseInt((await this.page.locator('.replay .num').textContent()) ?? '', 10);
  }

  /** Finds a customer by what the application calls them, and opens them. */
  async customer(id: string): Promise<void> {
    await this.page.getByRole('link', { name: 'Customers' }).click();
    await this.page.getByRole('searchbox').fill(id);
    await this.page.getByRole('link', { name: id }).first().click();
    await this.page.getByRole('heading', { name: `Customer ${id}` }).waitFor();
  }

  /** The text of the row of a feature on the open customer. */
  async feature(name: string): Promise<string> {
    const row = this.page.locator('.values div', { has: this.page.locator('dt', { hasText: new RegExp(`^${name}(\\s|$)`) }) });
    const shown = await row.locator('dd .num').textContent();
    return shown ?? '';
  }

  /** Keeps a picture for the documentation, where pictures are asked for. */
  async picture(name: string): Promise<void> {
    if (this.#pictures === undefined) return;
    await this.page.getByText('Reading…').waitFor({ state: 'hidden' });
    await this.page.mouse.move(5, 5);
    await this.page.screenshot({ path: join(this.#pictures, `${name}.png`), animations: 'disabled' });
  }
}
