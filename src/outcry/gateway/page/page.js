// The page at /: asks for its figures once a second and shows them. No library, no other host.
"use strict";

const EVERY_MS = 1000;
const KINDS = { FFWCSX: "perpetual", FFCCSX: "future", OCECCS: "call", OPECCS: "put", FFICSX: "prediction" };
const shown = new Map();

const element = (name) => document.getElementById(name);

function make(tag, text, classes) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (classes) made.className = classes;
  return made;
}

function decimals(tick) {
  const text = String(tick);
  if (text.includes("e-")) return Number(text.split("e-")[1]);
  return text.includes(".") ? text.split(".")[1].length : 0;
}

function number(value, places) {
  if (value === null || value === undefined) return "–";
  return value.toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places });
}

// Minor units as text, exactly: digits are moved, nothing is divided.
function amount(minor, scale) {
  const digits = BigInt(minor) < 0n ? String(-BigInt(minor)) : String(minor);
  const padded = digits.padStart(scale + 1, "0");
  const whole = padded.slice(0, padded.length - scale).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return (BigInt(minor) < 0n ? "−" : "") + whole + "." + padded.slice(padded.length - scale);
}

function kind(row) {
  const style = row.isInverse ? "inverse " : row.isQuanto ? "quanto " : "linear ";
  return style + (KINDS[row.typ] || row.typ || "");
}

function instrumentRow(row) {
  const places = decimals(row.tickSize);
  const line = make("tr");
  const last = make("td", number(row.lastPrice, places));
  const before = shown.get(row.symbol);
  if (row.lastTickDirection) last.classList.add(row.lastTickDirection.includes("Plus") ? "up" : "down");
  if (before !== undefined && row.lastPrice !== before) last.classList.add(row.lastPrice > before ? "flash-up" : "flash-down");
  shown.set(row.symbol, row.lastPrice);
  const spread = row.askPrice && row.bidPrice ? number(row.askPrice - row.bidPrice, places) : "–";
  line.append(
    make("td", row.symbol, "symbol"), make("td", kind(row), "kind"), last, make("td", number(row.markPrice, places + 1)),
    make("td", number(row.bidPrice, places), "up"), make("td", number(row.askPrice, places), "down"), make("td", spread),
    make("td", number(row.openInterest, 0)), make("td", number(row.volume24h, 0)),
  );
  return line;
}

function showInstruments(rows) {
  const traded = rows.filter((row) => !row.symbol.startsWith("."));
  const indices = rows.filter((row) => row.symbol.startsWith("."));
  const lines = traded.map(instrumentRow);
  if (!lines.length) {
    const empty = make("td", "Nothing is listed yet.", "note");
    empty.colSpan = 9;
    lines.push(make("tr"));
    lines[0].append(empty);
  }
  element("instruments").replaceChildren(...lines);
  element("indices").replaceChildren(...indices.map((row) => {
    const box = make("span", row.symbol);
    box.append(make("b", number(row.lastPrice ?? row.markPrice, Math.max(2, decimals(row.tickSize || 0.01)))));
    return box;
  }));
}

function verdict(addsUp) {
  return make("span", addsUp ? "✓ adds up" : "✗ does not add up", addsUp ? "good" : "bad");
}

function currencySum(row) {
  const box = make("div", undefined, "sum");
  const title = make("div", undefined, "sum-title");
  title.append(make("span", row.currency.toUpperCase()), verdict(row.adds_up));
  const terms = make("div", undefined, "terms");
  const term = (name, minor, total) => {
    terms.append(make("span", name, total && "total"), make("span", amount(minor, row.scale), total && "total"));
  };
  term("Wallets, the venue's own included", row.wallets_minor);
  term("less unrealised cost of positions", row.unrealised_cost_minor);
  term("plus epoch pots", row.epochs_minor);
  term("plus withdrawals in flight", row.in_flight_minor);
  term("Held", row.held_minor, true);
  term("Deposits", row.deposits_minor);
  term("less withdrawals that have left", row.withdrawals_minor);
  term("Owed", row.owed_minor, true);
  box.append(title, terms);
  return box;
}

function showBooks(law) {
  element("sequence").textContent = number(law.sequence, 0);
  element("time").textContent = law.time_ns ? new Date(law.time_ns / 1e6).toISOString().replace("T", " ").replace("Z", "") : "–";
  const state = element("adds-up");
  state.textContent = law.halted ? "✗ halted" : law.adds_up ? "✓ add up" : "✗ do not add up";
  state.className = "big " + (law.adds_up ? "good" : "bad");
  element("currencies").replaceChildren(...law.currencies.map(currencySum));
  element("contracts").replaceChildren(...law.instruments.map((row) => {
    const line = make("tr");
    const last = make("td");
    last.append(make("span", row.adds_up ? "✓ yes" : "✗ no", row.adds_up ? "good" : "bad"));
    line.append(make("td", row.symbol, "symbol"), make("td", number(row.quantity, 0)), make("td", number(row.lifetime_cost_minor + row.closed_cost_minor, 0)), last);
    return line;
  }));
}

async function ask(route) {
  const answer = await fetch(route, { cache: "no-store", signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`${answer.status} from ${route}`);
  return answer.json();
}

async function refresh() {
  const live = element("live");
  try {
    const now = await ask("/page/now.json");
    showBooks(now.law);
    showInstruments(now.instruments);
    live.textContent = now.law.halted ? "halted" : now.law.cancel_only ? "cancel only" : "live";
    live.className = "badge " + (now.law.halted ? "bad" : now.law.cancel_only ? "wait" : "good");
    live.title = "";
  } catch (error) {
    live.textContent = "no answer";
    live.title = String(error);
    live.className = "badge bad";
  }
  setTimeout(refresh, document.hidden ? EVERY_MS * 10 : EVERY_MS);
}

function showSnippets() {
  const host = location.origin;
  element("rest").textContent = host + "/api/v1";
  // http becomes ws, and https wss.
  element("stream").textContent = host.replace("http", "ws") + "/realtime";
  element("snippet").textContent = [
    "# pip install ccxt==4.5.83",
    "import ccxt",
    "",
    `url = "${host}"`,
    "exchange = ccxt.bitmex({",
    '    "apiKey": "YOUR KEY",',
    '    "secret": "YOUR SECRET",',
    '    "urls": {"api": {"public": url, "private": url}},',
    "})",
    'print(exchange.fetch_ticker("BTC/USD:BTC")["last"])',
    'order = exchange.create_order("BTC/USD:BTC", "market", "buy", 100)',
    'print(order["status"], exchange.fetch_balance()["BTC"])',
  ].join("\n");
  element("shell").textContent = `curl '${host}/api/v1/orderBook/L2?symbol=XBTUSD&depth=5'`;
  for (const button of document.querySelectorAll("button[data-copies]")) {
    button.addEventListener("click", async () => {
      const text = element(button.dataset.copies);
      getSelection().selectAllChildren(text);
      // Away from localhost a page without TLS has no clipboard; then the selection is there for Ctrl+C.
      const copied = navigator.clipboard ? await navigator.clipboard.writeText(text.textContent).then(() => true, () => false) : false;
      button.textContent = copied ? "Copied" : "Press Ctrl+C";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }
}

showSnippets();
refresh();
