// Asks the emulator once a second how it stands, and shows it. All that is shown is set as text, never as HTML.

const at = (id) => document.getElementById(id);
const ROOT = "/_emulator";
const MOST = { tasks: 50, failed: 8, allFailed: 1000, injected: 20, journal: 100 };

const PRESETS = [
  ["Throttling", { throttle: { limit: 3, window: "1m" } }],
  ["503 in front", { status: 503 }],
  ["Slow, 2 s", { latency: "2s" }],
  ["Broken connection", "reset_before"],
  ["Lost answer", "reset_after"],
];

async function ask(method, path, body) {
  const answer = await fetch(ROOT + path, { method, body: body === undefined ? null : JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(`${told.error.what}; ${told.error.do}`);
  return told;
}

// ---- How it is written ----

function write(node, text) {
  const shown = text ?? "";
  if (node.textContent !== shown) node.textContent = shown;
}

function fill(row, values) {
  for (const [name, text] of Object.entries(values)) {
    const node = row.querySelector(`[data-of="${name}"]`);
    // Notes are not there if there is nothing to note.
    write(node, text || (node.localName === "small" ? "" : "–"));
  }
}

function colour(pill, kind) {
  const name = kind ? `pill ${kind}` : "pill";
  if (pill.className !== name) pill.className = name;
}

/** Makes a list show these items. A row stays the same as long as its item is there, with its focus and what is open. */
function list(id, items, key, show, begin) {
  const place = at(id).tBodies?.[0] ?? at(id);
  const rows = new Map([...place.children].map((row) => [row.dataset.key, row]));
  const heads = at(id).tHead?.rows[0].cells;
  const shown = new Set();
  let next = place.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let row = rows.get(name);
    rows.delete(name);
    if (!row) {
      row = at(`${id}-row`).content.firstElementChild.cloneNode(true);
      row.dataset.key = name;
      // Where there is no room for a head, each cell has its own.
      for (const cell of row.cells ?? []) cell.dataset.label = heads[cell.cellIndex].textContent;
      begin?.(row, item);
    }
    show(row, item);
    shown.add(row);
    if (row === next) next = next.nextElementSibling;
    else place.insertBefore(row, next);
  }
  // By what is shown, since a seed can have a key twice.
  for (const row of [...place.children]) if (!shown.has(row)) row.remove();
}

const day = (ms) => new Date(ms).toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
const hour = (text) => text.slice(11, 19);
const stamp = (text) => (/^\d{13}$/.test(text ?? "") ? day(Number(text)) : text);

function span(ms) {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}

function phase(status) {
  if (status.startsWith("SUCCESS")) return "good";
  return status.startsWith("FAILED") ? "bad" : "busy";
}

// ---- What is shown ----

let clock = { frozen: false };
let statuses = null;
let allFailed = false;

function showClock(now) {
  clock = now;
  write(at("now"), day(now.now_ms));
  write(at("pace"), now.frozen ? "stands" : "goes");
  colour(at("pace"), now.frozen ? "busy" : "good");
  write(at("freeze"), now.frozen ? "Thaw" : "Freeze");
  const ahead = Math.round(now.ahead_ms / 1000);
  const off = ahead === 0 ? "the time of day" : `${span(now.ahead_ms)} ${ahead > 0 ? "ahead of" : "behind"} the time of day`;
  const event = now.next_event_ms === null ? "no task is under way" : `next event in ${span(now.next_event_ms - now.now_ms)}`;
  write(at("ahead"), `${off}; ${event}`);
}

function projectOf(projects) {
  const names = Object.keys(projects);
  const select = at("project");
  if (names.join("\n") !== [...select.options].map((option) => option.value).join("\n")) {
    const chosen = names.includes(select.value) ? select.value : names[0];
    select.replaceChildren(...names.map((name) => new Option(name, name, false, name === chosen)));
    statuses = null;
  }
  at("projects").hidden = names.length < 2;
  return projects[select.value] ?? { counts: { tasks: 0, failed_tasks: 0 }, keypairs: [], servers: [], tasks: [], failed_tasks: [] };
}

function course(task, now) {
  if (phase(task.status) !== "busy") return `ended at ${hour(day(task.ends_ms))}`;
  return now < task.starts_ms ? `starts in ${span(task.starts_ms - now)}` : `ends in ${span(task.ends_ms - now)}`;
}

function showTasks(project) {
  const names = new Map(project.servers.map((server) => [server.id, server.name]));
  const reasons = new Map(project.failed_tasks.map((task) => [task.task_id, task.task_error_msg]));
  const server = (task) => names.get(task.server_id) ?? task.server_id;
  write(at("tasks-count"), count(project.counts.tasks, MOST.tasks));
  list("tasks", project.tasks.slice(-MOST.tasks).reverse(), (task) => task.task_id, (row, task) => {
    const now = clock.now_ms;
    fill(row, {
      status: task.status, id: task.task_id, keypair: task.keypair_name, server: server(task),
      course: course(task, now), reason: reasons.get(task.task_id),
    });
    colour(row.querySelector(".pill"), phase(task.status));
    const bar = row.querySelector("progress");
    bar.hidden = phase(task.status) !== "busy";
    bar.value = Math.min(1, (now - task.accepted_ms) / Math.max(1, task.ends_ms - task.accepted_ms));
  });
  tell(project.tasks, server);
}

/** Says which tasks have moved, to those who hear the page. */
function tell(tasks, server) {
  const moved = tasks.filter((task) => statuses !== null && statuses.get(task.task_id) !== task.status);
  const text = moved.slice(-3).map((task) => `${task.status} of ${task.keypair_name ?? "no key pair"} on ${server(task)}`);
  if (text.length > 0) write(at("news"), `${text.join(", ")}.`);
  statuses = new Map(tasks.map((task) => [task.task_id, task.status]));
}

function showFailed(failed, all) {
  write(at("failed-count"), String(all));
  const shown = [...failed].reverse().slice(0, allFailed ? failed.length : MOST.failed);
  list("failed", shown, (task) => task.task_id, (row, task) => fill(row, {
    type: task.operate_type, id: task.task_id, time: stamp(task.task_time), keypair: task.keypair_name,
    server: task.server_name ?? task.server_id, reason: task.task_error_msg,
  }));
  const more = at("failed-all");
  more.hidden = all <= MOST.failed;
  more.setAttribute("aria-expanded", String(allFailed));
  write(more, allFailed ? "Show fewer" : all > MOST.allFailed ? `Show the latest ${MOST.allFailed}` : `Show all ${all}`);
}

function showServers(servers) {
  write(at("servers-count"), String(servers.length));
  list("servers", servers, (server) => server.id, (row, server) => {
    const runs = server.status === "running";
    fill(row, {
      name: server.name, id: server.id, status: runs ? "running" : "shut off",
      keypair: server.keypair_name ?? "no key pair", fingerprint: server.fingerprint, switch: runs ? "Shut off" : "Start",
    });
    colour(row.querySelector(".pill"), runs ? "good" : "");
    row.querySelector('[data-of="keypair"]').classList.toggle("faint", server.keypair_name === null);
    const button = row.querySelector("button");
    button.dataset.to = runs ? "stopped" : "running";
    button.setAttribute("aria-label", `${button.textContent} ${server.name}`);
  }, (row, { id }) => {
    row.querySelector("button").onclick = (event) =>
      act("PATCH", `/servers/${encodeURIComponent(id)}`, { status: event.target.dataset.to });
  });
}

function showKeypairs(keypairs) {
  write(at("keypairs-count"), String(keypairs.length));
  list("keypairs", keypairs, (keypair) => keypair.name, (row, keypair) => fill(row, {
    name: keypair.name, description: keypair.description, scope: keypair.scope, algorithm: keypair.algorithm,
    fingerprint: keypair.fingerprint, hosted: keypair.hosted ? "hosted" : "not hosted",
  }));
}

const worded = (value) => (typeof value === "string" ? value : JSON.stringify(value));
const count = (all, most) => (all > most ? `${all}, the latest ${most}` : String(all));

/** The rule in force that is a preset's. */
function ruleOf(fault, rules) {
  return rules.find((rule) => rule.when === "every" && rule.on === undefined && worded(rule.fault) === worded(fault));
}

function showFaults(rules, injected) {
  for (const [index, button] of [...document.querySelectorAll("#presets button")].entries()) {
    const rule = ruleOf(PRESETS[index][1], rules);
    button.setAttribute("aria-pressed", String(rule !== undefined));
    button.dataset.rule = rule?.number ?? "";
  }
  list("faults", rules, (rule) => rule.number, (row, rule) => {
    const whose = [rule.on ?? "", rule.when === "every" ? "" : worded(rule.when)].filter(Boolean).join(", ");
    fill(row, { rule: `${worded(rule.fault)} ${whose}`.trim(), seen: `${rule.seen} seen` });
    row.querySelector("button").setAttribute("aria-label", `Take back ${worded(rule.fault)}`);
  }, (row, { number }) => {
    row.querySelector("button").onclick = () => {
      at("faults-title").focus();
      act("DELETE", `/faults/${number}`);
    };
  });
  at("clear").hidden = rules.length < 2;
  write(at("injected-count"), count(injected.length, MOST.injected));
  const numbered = injected.map((one, number) => ({ ...one, number }));
  list("injected", numbered.slice(-MOST.injected).reverse(), (one) => one.number, (row, one) =>
    fill(row, { fault: worded(one.fault), operation: one.operation }));
}

// ---- The journal, whose entries stay as they are ----

let calls = [];
let last = 0;

async function readJournal() {
  let told = await ask("GET", `/journal?since=${last}&limit=0`);
  if (told.last < last) calls = [];
  const since = Math.max(told.last < last ? 0 : last, told.last - MOST.journal);
  if (told.last > since) {
    told = await ask("GET", `/journal?since=${since}&limit=${MOST.journal}`);
    calls = [...calls, ...told.calls].slice(-MOST.journal);
  }
  last = calls.at(-1)?.number ?? told.last;
}

function showJournal() {
  write(at("journal-count"), count(last, MOST.journal));
  list("journal", [...calls].reverse(), (call) => `${call.number} ${call.request_id}`, () => {}, (row, call) => {
    const sent = call.sent === null ? "broken" : String(call.sent);
    fill(row, {
      number: String(call.number), status: sent, what: call.operation ?? `${call.method} ${call.path}`, time: hour(call.time),
      request: `${call.method} ${call.path}${call.query ? `?${call.query}` : ""}`, id: call.request_id,
      service: call.status === null ? "did not act" : `answered ${call.status}`,
      faults: call.faults.map(worded).join("\n") || "none",
      headers: call.headers.map(([name, value]) => `${name}: ${value}`).join("\n"),
      body: call.body === null ? "none" : JSON.stringify(call.body, null, 2),
    });
    colour(row.querySelector(".pill"), call.sent !== null && call.sent < 400 ? "good" : "bad");
  });
}

// ---- What it does ----

async function refresh() {
  try {
    const [state, faults, injected] = await Promise.all([
      ask("GET", `/state?latest=${allFailed ? MOST.allFailed : MOST.tasks}`), ask("GET", "/faults"), ask("GET", "/faults/injected"), readJournal(),
    ]);
    const project = projectOf(state.projects);
    showClock(state.clock);
    showTasks(project);
    showFailed(project.failed_tasks, project.counts.failed_tasks);
    showServers(project.servers);
    showKeypairs(project.keypairs);
    showFaults(faults.faults, injected.injected);
    showJournal();
    connected(true);
  } catch (error) {
    connected(false);
    console.error(error);
  }
}

function connected(is) {
  at("connection").className = is ? "good" : "bad";
  write(at("connection"), is ? "Live" : "Not reached, trying again");
}

// One at a time: what was asked for while one is under way is seen by the next.
let turn = Promise.resolve();
const again = () => (turn = turn.then(refresh));

async function act(method, path, body) {
  try {
    await ask(method, path, body);
    at("trouble").hidden = true;
  } catch (error) {
    at("trouble").hidden = false;
    write(at("trouble"), String(error.message));
  }
  await again();
}

async function live() {
  if (!document.hidden) await again();
  setTimeout(live, 1000);
}

for (const [name, fault] of PRESETS) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.setAttribute("aria-pressed", "false");
  button.onclick = () =>
    button.dataset.rule ? act("DELETE", `/faults/${button.dataset.rule}`) : act("POST", "/faults", { faults: [{ fault }] });
  at("presets").append(button);
}
at("freeze").onclick = () => act("POST", clock.frozen ? "/clock/thaw" : "/clock/freeze");
at("advance").onclick = () => act("POST", "/clock/advance", { by: "10s" });
at("next").onclick = () => act("POST", "/clock/next");
at("clear").onclick = () => {
  at("faults-title").focus();
  act("DELETE", "/faults");
};
at("reset").onclick = () => at("confirm").showModal();
at("confirm-no").onclick = () => at("confirm").close();
at("confirm-yes").onclick = () => {
  at("confirm").close();
  statuses = null;
  act("POST", "/reset");
};
at("failed-all").onclick = () => {
  allFailed = !allFailed;
  statuses = null;
  again();
};
at("project").onchange = () => {
  statuses = null;
  again();
};
document.addEventListener("visibilitychange", () => document.hidden || again());
write(at("endpoint"), location.origin);
live();
