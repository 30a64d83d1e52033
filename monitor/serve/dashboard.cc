#include "monitor/serve/dashboard.h"

namespace monitor {

namespace {

constexpr std::string_view kPage = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>monitord</title>
<link rel="icon" href="data:,">
<style>
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --line: #e2e5ea; --text: #1a2028; --soft: #626d7c;
  --ok: #1a7f46; --ok-ground: #e2f4e9; --warn: #8a5a00; --warn-ground: #fdf0d2; --bad: #b42318; --bad-ground: #fde6e3;
  --calm: #3b5bb5; --calm-ground: #e6ecfb; --bar: #8aa2dd;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12151a; --card: #1a1f26; --line: #2c333d; --text: #e7eaee; --soft: #98a3b3;
    --ok: #6fd39a; --ok-ground: #17352a; --warn: #f0c063; --warn-ground: #3a2e14; --bad: #ff9a8d; --bad-ground: #45201c;
    --calm: #a9bdf5; --calm-ground: #232d4a; --bar: #55709f;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
header { display: flex; align-items: baseline; gap: 16px; flex-wrap: wrap; padding: 20px 28px 4px; max-width: 1320px; margin: auto; }
h1 { font-size: 22px; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 16px; margin: 0; }
main { max-width: 1320px; margin: auto; padding: 12px 28px 48px; display: grid; gap: 20px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; min-width: 0; }
.top { display: flex; align-items: baseline; gap: 12px; flex-wrap: wrap; margin-bottom: 10px; }
.soft { color: var(--soft); }
.small { font-size: 13px; }
.push { margin-left: auto; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; font-size: 13px; color: var(--soft); padding: 6px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { padding: 8px 10px; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
th.n, td.n { text-align: right; white-space: nowrap; }
tr.pick { cursor: pointer; }
tr.pick:hover td { background: var(--ground); }
tr.chosen td:first-child { box-shadow: inset 3px 0 var(--calm); }
td.name { font-weight: 600; overflow-wrap: anywhere; }
td.why { min-width: 260px; max-width: 520px; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
.badge { display: inline-block; padding: 1px 9px; border-radius: 99px; font-size: 13px; white-space: nowrap; background: var(--calm-ground); color: var(--calm); }
.badge.ok { background: var(--ok-ground); color: var(--ok); }
.badge.warn { background: var(--warn-ground); color: var(--warn); }
.badge.bad { background: var(--bad-ground); color: var(--bad); font-weight: 600; }
.badge.none { background: var(--ground); color: var(--soft); }
.bar { display: inline-block; width: 84px; height: 8px; border-radius: 4px; background: var(--ground); margin-right: 8px; overflow: hidden; vertical-align: middle; }
.value { display: inline-block; min-width: 44px; }
.bar i { display: block; height: 100%; background: var(--bar); border-radius: 4px; }
.bar i.bad { background: var(--bad); }
.figures { display: flex; gap: 28px; flex-wrap: wrap; margin: 2px 0 14px; }
.figure b { display: block; font-size: 22px; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; }
.alert { display: grid; grid-template-columns: 92px 1fr auto; gap: 4px 14px; padding: 10px 0; border-bottom: 1px solid var(--line); }
.alert:last-child { border-bottom: 0; }
.alert p { margin: 0; overflow-wrap: anywhere; }
code { font: 13px/1.45 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
button, select { font: inherit; font-size: 13px; color: var(--text); background: var(--ground); border: 1px solid var(--line); border-radius: 8px; padding: 3px 10px; }
#trouble { color: var(--bad); }
@media (max-width: 700px) { header, main { padding-left: 12px; padding-right: 12px; } .alert { grid-template-columns: 1fr; } }
</style>
</head>
<body>
<header>
  <h1>monitord</h1>
  <span id="headline" class="soft">loading …</span>
  <span id="trouble" role="alert"></span>
  <span id="clock" class="soft small push"></span>
</header>
<main>
  <section><div class="top"><h2>Models</h2></div><div id="models" class="wide"></div></section>
  <section><div class="top"><h2>Open alerts</h2><span id="alert-count" class="soft small"></span></div><div id="alerts"></div></section>
  <section>
    <div class="top"><h2 id="window-title">Newest window</h2><span id="window-span" class="soft small"></span><select id="versions" class="push" aria-label="version"></select></div>
    <div id="figures" class="figures"></div>
    <div id="features" class="wide"></div>
  </section>
  <section><div class="top"><h2>Newest rejects</h2><span class="soft small">records that could not be counted</span></div><div id="rejects" class="wide"></div></section>
</main>
<script>
"use strict";
// Everything that comes from the API reaches the page as text, never as markup.
const $ = id => document.getElementById(id);
const REFRESH_MS = 5000, FIRST_ROWS = 20;
const chosen = { model: decodeHash(), version: "", all: false };

function decodeHash() {
  try { return decodeURIComponent(location.hash.slice(1)); } catch (e) { return ""; }
}
function node(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const child of children) element.append(child instanceof Node ? child : String(child));
  return element;
}
function put(id, ...children) { $(id).replaceChildren(...children.map(c => c instanceof Node ? c : document.createTextNode(String(c)))); }

const known = value => value !== null && value !== undefined;
const count = value => known(value) ? value.toLocaleString("en-US") : "–";
function number(value) {
  if (!known(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-3)) return value.toExponential(1);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(3);
}
function share(part, whole) {
  if (!known(part) || !whole) return "–";
  const percent = 100 * part / whole;
  if (part === 0) return "0 %";
  if (percent < 0.01) return "< 0.01 %";
  return (percent < 10 ? percent.toFixed(2) : percent.toFixed(1)) + " %";
}
const time = text => known(text) ? text.slice(0, 16).replace("T", " ") : "–";
const words = text => String(text ?? "").replaceAll("_", " ");

const TONE = { ok: "ok", firing: "bad", alarm: "bad", critical: "bad", broken: "bad", drift: "bad", stalled: "bad",
               warning: "warn", behind: "warn", no_data: "warn", pending: "warn", insufficient: "none" };
const SIGN = { ok: "✓ ", bad: "▲ ", warn: "● ", none: "", "": "" };
function badge(text) {
  const tone = TONE[text] ?? "";
  return node("span", "badge " + tone, SIGN[tone] + (words(text) || "–"));
}
function table(columns, rows) {
  const head = node("tr", "", ...columns.map(c => node("th", c.n ? "n" : "", c.title)));
  return node("table", "", node("thead", "", head), node("tbody", "", ...rows));
}
function cell(content, className) { return node("td", className || "", content); }

async function ask(path) {
  const response = await fetch(path, { cache: "no-store" });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error || "HTTP " + response.status);
  return body;
}

function showModels(models) {
  const rows = models.map(model => {
    const row = node("tr", model.name ? "pick" : "",
      cell(model.name || "(no model)", "name"), cell(model.name ? badge(model.state) : ""), cell(model.name ? badge(model.health) : ""),
      cell(count(model.counted), "n"), cell(count(model.late), "n"), cell(count(model.rejected), "n"), cell(count(model.skipped), "n"),
      cell(time(model.watermark), "n"), cell(count(model.lag), "n"));
    if (model.name === chosen.model) row.classList.add("chosen");
    if (model.name) {
      row.tabIndex = 0;
      const pick = () => { chosen.model = model.name; chosen.version = ""; chosen.all = false; location.hash = encodeURIComponent(model.name); refresh(); };
      row.onclick = pick;
      row.onkeydown = event => { if (event.key === "Enter") pick(); };
    }
    return row;
  });
  put("models", table([{ title: "model" }, { title: "state" }, { title: "reading" }, { title: "counted", n: 1 }, { title: "late", n: 1 },
    { title: "rejected", n: 1 }, { title: "skipped", n: 1 }, { title: "complete up to (UTC)", n: 1 }, { title: "lag", n: 1 }], rows));
}

function showAlerts(alerts) {
  const order = { critical: 0, warning: 1, info: 2 };
  const open = alerts.filter(a => a.state !== "resolved").sort((a, b) => (order[a.severity] ?? 3) - (order[b.severity] ?? 3));
  put("alert-count", open.length ? open.length : "");
  if (!open.length) return put("alerts", node("span", "soft", "None: nothing that is watched has left what its baseline lets expect."));
  put("alerts", ...open.slice(0, 50).map(alert => {
    const where = [alert.model, alert.feature, words(alert.cause)].filter(Boolean).join(" · ");
    const when = known(alert.began_at) ? "since about " + time(alert.began_at) : known(alert.started_at) ? "since " + time(alert.started_at) : "";
    const state = alert.state === "pending" ? "pending" : alert.acknowledged ? "acknowledged" : "";
    return node("div", "alert", node("div", "", badge(alert.severity)),
      node("div", "", node("p", "", alert.summary || where), node("p", "soft small", where)),
      node("div", "soft small", node("div", "", when), node("div", "", state), node("code", "", String(alert.id ?? "").slice(0, 8))));
  }), ...(open.length > 50 ? [node("p", "soft small", "… and " + (open.length - 50) + " more: monitorctl alerts")] : []));
}

function featureRow(item, top) {
  const bar = node("span", "bar");
  const fill = node("i", item.verdict === "drift" || item.verdict === "broken" ? "bad" : "");
  fill.style.width = (known(item.effect) && top > 0 ? Math.min(100, 100 * Math.abs(item.effect) / top) : 0) + "%";
  bar.append(fill);
  return node("tr", "", cell(item.name, "name"), cell(badge(item.verdict)), cell(node("span", "", bar, node("span", "value", number(item.effect))), "n"),
    cell(number(item.psi), "n"), cell(number(item.ks), "n"), cell(share(item.missing, item.count), "n"),
    cell(share(item.unseen, item.count), "n"), cell(item.why ?? "", "why"));
}

function figure(value, name) { return node("div", "figure", node("b", "", value), node("span", "soft small", name)); }

function showWindow(model, row) {
  put("window-title", model ? "Newest window of " + model.name : "Newest window");
  if (!row) {
    put("window-span", ""); put("figures");
    return put("features", node("span", "soft", model ? "No window has closed yet." : "No model is configured."));
  }
  put("window-span", time(row.start) + " to " + time(row.end) + " UTC" + (row.partial ? " (partial)" : "") + " · version " + row.version +
    (row.variant ? " · variant " + row.variant : ""));
  const features = (row.features ?? []).slice();
  const outputs = ["prediction", "score"].filter(k => row[k]).map(k => ({ ...row[k], name: k }));
  const urgency = { broken: 0, drift: 1 };
  const rank = f => urgency[f.verdict] ?? 2;
  features.sort((a, b) => rank(a) - rank(b) || (b.effect ?? -1) - (a.effect ?? -1));
  const moved = features.filter(f => rank(f) < 2).length;
  put("figures", figure(count(row.count), "records"), figure(moved + " of " + features.length, "features changed"),
    figure(features.length ? number(Math.max(...features.map(f => f.effect ?? 0))) : "–", "largest effect (sd)"));
  const everything = outputs.concat(features);
  const top = Math.max(1, ...everything.map(f => Math.abs(f.effect ?? 0)));
  const shown = chosen.all ? everything : everything.slice(0, FIRST_ROWS);
  put("features", table([{ title: "feature" }, { title: "verdict" }, { title: "effect (sd)", n: 1 }, { title: "PSI", n: 1 }, { title: "KS", n: 1 },
    { title: "missing", n: 1 }, { title: "unseen", n: 1 }, { title: "why" }], shown.map(f => featureRow(f, top))));
  if (shown.length < everything.length) {
    const more = node("button", "", "Show all " + everything.length);
    more.onclick = () => { chosen.all = true; refresh(); };
    $("features").append(node("p", "", more));
  }
}

function showVersions(model) {
  const versions = (model?.versions ?? []).filter(v => v.counted > 0);
  const select = $("versions");
  select.hidden = versions.length < 2;
  const options = [["", "newest version"], ...versions.map(v => [JSON.stringify([v.version, v.variant]), v.version + (v.variant ? " / " + v.variant : "")])];
  if (document.activeElement === select) return;
  select.replaceChildren(...options.map(([value, text]) => { const o = node("option", "", text); o.value = value; o.selected = value === chosen.version; return o; }));
}

function showRejects(rejects) {
  if (!rejects.length) return put("rejects", node("span", "soft", "None."));
  const rows = rejects.slice().reverse().map(r => node("tr", "", cell(time(r.time), "n"), cell(r.model || "–"), cell(node("span", "badge none", words(r.reason))),
    cell(r.topic + " / " + r.partition + " / " + r.offset, "small"), cell(node("code", "", String(r.hint ?? r.payload ?? "").slice(0, 160)))));
  put("rejects", table([{ title: "time (UTC)", n: 1 }, { title: "model" }, { title: "reason" }, { title: "topic / partition / offset" }, { title: "payload" }], rows));
}

function headline(models, alerts) {
  const firing = alerts.filter(a => a.state === "firing").length;
  const plural = (n, word) => n + " " + word + (n === 1 ? "" : "s");
  put("headline", plural(models.filter(m => m.name).length, "model") + " · " + (firing ? plural(firing, "alert") + " firing" : "no alert is firing"));
  document.title = (firing ? "(" + firing + ") " : "") + "monitord";
}

let running = 0;
async function refresh() {
  const run = ++running;
  try {
    const [{ models }, { alerts }, { rejects }] = await Promise.all([ask("api/v1/models"), ask("api/v1/alerts?limit=1000"), ask("api/v1/rejects?limit=20")]);
    const named = models.filter(m => m.name);
    if (!named.some(m => m.name === chosen.model)) chosen.model = named[0]?.name ?? "";
    const model = named.find(m => m.name === chosen.model);
    let row = null;
    if (model) {
      const parameters = new URLSearchParams({ limit: "1" });
      if (chosen.version) { const [version, variant] = JSON.parse(chosen.version); parameters.set("version", version); parameters.set("variant", variant ?? ""); }
      row = (await ask("api/v1/models/" + encodeURIComponent(model.name) + "/windows?" + parameters)).windows[0];
    }
    if (run !== running) return;
    headline(models, alerts);
    showModels(models); showAlerts(alerts); showVersions(model); showWindow(model, row); showRejects(rejects);
    put("trouble", ""); put("clock", "as of " + new Date().toISOString().slice(0, 19).replace("T", " ") + " UTC");
  } catch (error) {
    if (run === running) put("trouble", "no answer from monitord: " + error.message);
  }
}
$("versions").onchange = event => { chosen.version = event.target.value; refresh(); };
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
setInterval(() => { if (!document.hidden) refresh(); }, REFRESH_MS);
refresh();
</script>
</body>
</html>
)html";

}  // namespace

std::string_view DashboardPage() { return kPage; }

}  // namespace monitor
