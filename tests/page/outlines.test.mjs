// Pictures as text: where each element stands, how large it is, and in which colours. Stored in outlines/, so that a
// change of the look shows in a review. LEDGER_TESTS_ACCEPT=1 stores what is drawn now; look at the pictures first.
//
// Pixels would differ with every version of the browser; positions in one font do not.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Daemon, goTo, journalOfTheDay, launch, openPage, settled, source } from "./world.mjs";

const folder = join(source, "tests/page/outlines");
const kFont = "* { font-family: 'DejaVu Sans' !important; } code, .mono, kbd, pre { font-family: 'DejaVu Sans Mono' " +
  "!important; }";
const kRun = "5ec2e700-0000-4000-8000-000000001030";
const kViews = { runs: "#/runs?outcome=failed", "no-match": "#/runs?type=no.such_type", run: `#/runs/${kRun}`,
  "as-of": `#/runs/${kRun}?at=4`, types: "#/types" };
const kScreens = [["light", 1280], ["dark", 320]];

let browser;
let day;
let reader;
before(async () => {
  browser = await launch();
  day = await Daemon.make({ journal: journalOfTheDay() });
  reader = day.token([], "--workspace", "acme", "--right", "audit");
});
after(async () => {
  await browser?.close();
  await day?.end();
});

function outlineOf(page) {
  return page.evaluate(() => {
    const lines = [];
    for (const element of document.querySelectorAll("body *")) {
      const box = element.getBoundingClientRect();
      const isDrawn = box.width > 0 && box.height > 0 && element.checkVisibility({ contentVisibilityAuto: true });
      if (!isDrawn || element.closest("defs, title") !== null) continue;
      const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
        .map((node) => node.data.trim()).join(" ").trim().slice(0, 40);
      const name = element.getAttribute("class") ?? "";
      if (own === "" && name === "" && !/^(input|button|rect|path|circle|line)$/.test(element.localName)) continue;
      const style = getComputedStyle(element);
      const place = [box.x, box.y + scrollY, box.width, box.height].map(Math.round).join(" ");
      const looks = [style.color, style.backgroundColor, style.fill, style.borderTopColor, style.fontSize,
        style.fontWeight, style.opacity].map((each) => each.replace(/, /g, ",")).join(" ");
      // What differs from ledger to ledger has the same width all the same: identities and tokens are made of digits.
      const text = own.replace(/[0-9a-f]{8,}/g, (digits) => "#".repeat(digits.length));
      lines.push(`${element.localName}.${name.replace(/ /g, ".")} ${place} | ${looks} | ${text}`);
    }
    return lines.join("\n") + "\n";
  });
}

async function openSteady(hash, theme, width) {
  const opened = await openPage(browser, day, { token: reader, theme, width, bypassCSP: true });
  await opened.page.addStyleTag({ content: kFont });
  await opened.page.getByRole("button", { name: "live", exact: true }).waitFor();
  await goTo(opened.page, hash);
  await settled(opened.page);
  return opened;
}

for (const [name, hash] of Object.entries(kViews)) {
  test(`the outline of ${name} is the stored one`, async () => {
    for (const [theme, width] of kScreens) {
      const { page, context } = await openSteady(hash, theme, width);
      const outline = await outlineOf(page);
      await context.close();
      const file = join(folder, `${name}-${theme}-${width}.txt`);
      if (process.env.LEDGER_TESTS_ACCEPT === "1") {
        mkdirSync(folder, { recursive: true });
        writeFileSync(file, outline);
      }
      assert.ok(existsSync(file), `expected ${file}`);
      const stored = readFileSync(file, "utf8").split("\n");
      const changed = outline.split("\n").filter((line, i) => line !== stored[i]);
      assert.deepEqual(changed.slice(0, 20), [], file);
      assert.equal(outline.split("\n").length, stored.length, file);
    }
  });
}

test("a change of one element shows in its outline", async () => {
  const { page, context } = await openSteady(kViews.run, "light", 1280);
  const before = await outlineOf(page);
  assert.equal(await outlineOf(page), before);
  for (const rule of [".view-head .standing { color: #000001; }", ".slider-at { padding-left: 1px; }",
    ".bar.is-failed { fill: #000001; }", ".facts { margin-bottom: 15px; }", "h2 { font-weight: 649; }"]) {
    const style = await page.addStyleTag({ content: rule });
    assert.notEqual(await outlineOf(page), before, rule);
    await style.evaluate((element) => element.remove());
    assert.equal(await outlineOf(page), before, rule);
  }
  await context.close();
});
