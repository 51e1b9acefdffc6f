// The cursor of an incident's page: one second, shown in all charts, in the trace and in the log.
//
// Values come from the tables below the charts, which say the same without a script.

/** The time of day of a moment in milliseconds, to the second. */
export function clockTime(millis) {
  const seconds = Math.floor((((millis % 86_400_000) + 86_400_000) % 86_400_000) / 1000);
  const two = number => String(number).padStart(2, "0");
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(part => two(Math.floor(part))).join(":");
}

/** The index of the last of ascending moments that is not after `millis`; -1 if all are. */
export function lastUntil(moments, millis) {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle] <= millis) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Rows of a table by their moments, of which one is marked. */
class Rows {
  constructor(rows) {
    this.rows = rows;
    this.moments = rows.map(row => Number(row.dataset.ms));
    this.marked = null;
  }

  /** Marks the last row that is not after `millis`, and returns it. */
  mark(millis) {
    this.marked?.classList.remove("at");
    this.marked = this.rows[lastUntil(this.moments, millis)] ?? null;
    this.marked?.classList.add("at");
    return this.marked;
  }
}

/** A chart: its line for the cursor, and the names of its series with their values. */
class Chart {
  constructor(figure) {
    this.plot = figure.querySelector(".plot");
    this.cursor = this.plot.querySelector(".cursor");
    this.values = [...figure.querySelectorAll(".names .value")];
    this.names = [...figure.querySelectorAll(".names text:not(.value)")].map(name => name.textContent);
    this.rows = new Rows([...figure.querySelectorAll("tr[data-ms]")]);
  }

  /** Shows a second, and returns what it says in words. */
  show(share, end) {
    place(this.cursor, share);
    const row = this.rows.mark(end);
    const cells = [...(row?.cells ?? [])].slice(1);
    return this.values.map((value, index) => {
      value.textContent = cells[index]?.textContent || "no value";
      return `${this.names[index]} ${value.textContent}`;
    });
  }
}

/** Puts a line at a share of its width; outside of it, the line isn't shown. */
function place(line, share) {
  const inside = share >= 0 && share <= 1;
  line.classList.toggle("on", inside);
  if (!inside) return;
  for (const end of ["x1", "x2"]) line.setAttribute(end, `${(share * 100).toFixed(3)}%`);
}

/** Scrolls a box, and nothing around it, until a row stands in its middle. */
function bring(row, box) {
  if (row && box) box.scrollTop = row.offsetTop - box.clientHeight / 2;
}

/** How long one has to rest on a second before it is read out, in milliseconds. */
const READ_OUT_AFTER_MS = 600;

export class Cursor {
  constructor(page) {
    const find = css => page.querySelector(css);
    this.bar = find("#cursor");
    this.range = find("#second");
    this.time = find("#second-time");
    this.around = find("#around");
    this.readout = find("#readout");
    this.from = Number(this.bar.dataset.from);
    this.seconds = Number(this.range.max) + 1;
    this.charts = [...page.querySelectorAll(".chart")].map(figure => new Chart(figure));
    this.waterfall = find(".waterfall");
    this.bars = [...page.querySelectorAll(".bar-row .cursor")];
    this.log = new Rows([...page.querySelectorAll("#log-table tr[data-ms]")]);
    this.logBox = find("#log-scroll");
    this.range.addEventListener("input", () => this.show(this.range.valueAsNumber));
    for (const chart of this.charts) this.watch(chart.plot);
    this.bar.hidden = false;
    this.range.setAttribute("aria-valuetext", clockTime(this.from));
    this.time.textContent = clockTime(this.from);
  }

  /** Follows the pointer over a chart. */
  watch(plot) {
    const follow = event => {
      const box = plot.getBoundingClientRect();
      const second = Math.floor(((event.clientX - box.left) / box.width) * this.seconds);
      this.range.value = String(second);
      this.show(this.range.valueAsNumber);
    };
    plot.addEventListener("pointermove", follow);
    plot.addEventListener("pointerdown", follow);
  }

  /** Shows a second, counted from the first one of the page. */
  show(second) {
    const start = this.from + second * 1000;
    const end = start + 999;
    this.time.textContent = clockTime(start);
    this.range.setAttribute("aria-valuetext", clockTime(start));
    const said = this.charts.flatMap(chart => chart.show((second + 0.5) / this.seconds, end));
    const trace = this.waterfall?.dataset;
    for (const bar of this.bars) place(bar, (start - Number(trace.start)) / Number(trace.length));
    bring(this.log.mark(end), this.logBox);
    this.link(start);
    clearTimeout(this.reading);
    this.reading = setTimeout(() => { this.readout.textContent = `${clockTime(start)}: ${said.join(", ")}`; }, READ_OUT_AFTER_MS);
  }

  /** Lets the link lead to what happened around a second, with all other filters as they are. */
  link(millis) {
    const last = this.from + (this.seconds - 1) * 1000;
    const query = new URLSearchParams(location.search);
    query.set("from", clockTime(Math.max(millis - 5000, this.from)));
    query.set("to", clockTime(Math.min(millis + 5000, last)));
    query.delete("page");
    this.around.href = `?${query}#logs`;
  }
}

if (document.querySelector("#cursor")) new Cursor(document);
