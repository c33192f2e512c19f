// Sorting, filtering and following paths. The page is complete without it.
(() => {
  "use strict";
  const word = document.querySelector("main").dataset.filter;
  const value = (row, column) => {
    const cell = row.cells[column];
    const number = cell.dataset.v;
    return number === undefined ? cell.textContent : Number(number);
  };
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b));
  for (const table of document.querySelectorAll("table.data")) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      head.classList.add("able");
      head.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((h) => h.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].sort((a, b) => compare(value(a, column), value(b, column)));
        if (down) rows.reverse();
        body.append(...rows);
      });
    });
    if (body.rows.length > 8) {
      const input = document.createElement("input");
      input.className = "filter";
      input.placeholder = word;
      input.setAttribute("aria-label", word);
      input.addEventListener("input", () => {
        const wanted = input.value.toLowerCase();
        for (const row of body.rows) {
          row.hidden = !row.textContent.toLowerCase().includes(wanted);
        }
      });
      table.parentElement.before(input);
    }
  }
  const follow = (edges, start, from, to) => {
    const seen = new Set([start]);
    const todo = [start];
    while (todo.length > 0) {
      const node = todo.pop();
      for (const edge of edges) {
        if (edge.dataset[from] === node) {
          edge.classList.add("lit");
          if (!seen.has(edge.dataset[to])) {
            seen.add(edge.dataset[to]);
            todo.push(edge.dataset[to]);
          }
        }
      }
    }
    return seen;
  };
  for (const graph of document.querySelectorAll("svg.graph")) {
    const nodes = [...graph.querySelectorAll(".node")];
    const edges = [...graph.querySelectorAll(".edge")];
    for (const node of nodes) {
      node.addEventListener("click", () => {
        const again = node.classList.contains("chosen");
        graph.querySelectorAll(".lit, .chosen").forEach((e) => e.classList.remove("lit", "chosen"));
        graph.classList.toggle("focus", !again);
        if (again) return;
        node.classList.add("chosen");
        const lit = new Set([
          ...follow(edges, node.dataset.n, "from", "to"),
          ...follow(edges, node.dataset.n, "to", "from"),
        ]);
        nodes.filter((n) => lit.has(n.dataset.n)).forEach((n) => n.classList.add("lit"));
      });
    }
  }
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details:not(.folded)").forEach((d) => (d.open = true));
  });
})();
