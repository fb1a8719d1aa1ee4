// Every table can be sorted by its headings and copied as text with tabs.

const words = new Intl.Collator(undefined, { numeric: true });
const status = document.createElement("p");
status.className = "hidden";
status.setAttribute("role", "status");
document.body.append(status);

for (const table of document.querySelectorAll("main table")) {
  makeSortable(table);
  makeCopyable(table);
}

function makeSortable(table) {
  const written = [...table.tBodies].map((body) => [...body.rows]);
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const descending = nextIsDescending(heading);
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      written.forEach((rows, place) => {
        table.tBodies[place].append(...sorted(rows, heading.cellIndex, descending));
      });
    });
  }
}

// Numbers begin with the largest, text with its A; the same heading again turns the order round.
function nextIsDescending(heading) {
  const order = heading.getAttribute("aria-sort");
  return order ? order === "ascending" : heading.classList.contains("number");
}

// Rows that tie stay in the order of the page; those without a value come last either way.
function sorted(rows, column, descending) {
  const pinned = (place) => rows.filter((row) => row.dataset.pinned === place);
  const free = rows.filter((row) => !row.dataset.pinned).map((row) => [keyOf(row.cells[column]), row]);
  const known = free.filter(([key]) => key !== null);
  const unknown = free.filter(([key]) => key === null);
  known.sort(([one], [other]) => (descending ? -1 : 1) * compare(one, other));
  return [...pinned("top"), ...[...known, ...unknown].map(([, row]) => row), ...pinned("bottom")];
}

function keyOf(cell) {
  if (!cell.classList.contains("number")) return cell.textContent;
  return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
}

function compare(one, other) {
  return typeof one === "number" ? one - other : words.compare(one, other);
}

function makeCopyable(table) {
  const tools = document.createElement("div");
  const button = document.createElement("button");
  tools.className = "tools";
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy the table ${table.caption.textContent}`);
  tools.append(button);
  table.closest(".scroll").before(tools);
  button.addEventListener("click", async () => {
    const copied = await toClipboard(tabSeparated(table));
    button.textContent = copied ? "Copied" : "Copy";
    status.textContent = copied ? "Copied" : "The browser lets nothing be copied";
    setTimeout(() => { button.textContent = "Copy"; status.textContent = ""; }, 2500);
  });
}

function tabSeparated(table) {
  return [...table.rows].map((row) => [...row.cells].map(plain).join("\t")).join("\n") + "\n";
}

// Text that a spreadsheet would execute begins with an apostrophe, as in the CSV files.
function plain(cell) {
  const text = cell.textContent.replace(/\s+/g, " ").trim();
  return !cell.classList.contains("number") && /^'*[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text;
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedTheOldWay(text); // a page from a file may have no clipboard of its own
  }
}

function copiedTheOldWay(text) {
  const area = document.createElement("textarea");
  area.className = "hidden";
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
