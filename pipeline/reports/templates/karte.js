// The map moves: buttons, keys, wheel, mouse and fingers; a window at a point; the view as a file.
// Without a script the map stands still and is whole.
var regionMap = (function () {
  "use strict";
  var STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200];
  var CLOSEST = 64;
  var svg = document.getElementById("karte");
  if (!svg) { return null; }
  var get = function (id) { return document.getElementById(id); };
  var frame = get("kartenfeld"), note = get("kartentext"), hint = get("kartenhinweis");
  var box = get("kartenfenster"), inside = get("fensterinhalt");
  var whole = svg.getAttribute("viewBox").split(" ").map(Number);
  var view = whole.slice();
  var width = 0, opened = null, listeners = [];

  // ---- what is shown ----------------------------------------------------------------------

  function unit() { return width ? view[2] / width : 1; }
  function draw() {
    svg.setAttribute("viewBox", view.join(" "));
    // labels and symbols keep their size on the screen at every zoom
    svg.style.setProperty("--unit", unit());
    frame.classList.toggle("nah", view[2] < whole[2]);
    drawScale();
    placeBox();
  }
  function drawScale() {
    var perKm = Number(svg.dataset.km), edge = 12 * unit();
    var fitting = STEPS.filter(function (km) { return km * perKm <= view[2] / 4; });
    var km = fitting.length ? fitting[fitting.length - 1] : STEPS[0];
    var low = view[1] + view[3] - edge;
    get("massstab").setAttribute("d", "M" + (view[0] + edge) + "," + low + "h" + km * perKm);
    get("massstab-text").setAttribute("x", view[0] + edge);
    get("massstab-text").setAttribute("y", low - 6 * unit());
    get("massstab-text").textContent = String(km).replace(".", ",") + " km";
  }
  function measure() { width = svg.clientWidth; draw(); }
  function clamp(value, low, high) { return Math.min(Math.max(value, low), high); }
  function look(left, top, size) {
    var share = clamp(size, whole[2] / CLOSEST, whole[2]) / whole[2];
    view = [0, 0, whole[2] * share, whole[3] * share];
    view[0] = clamp(left, 0, whole[2] - view[2]);
    view[1] = clamp(top, 0, whole[3] - view[3]);
    draw();
  }
  function zoom(factor, x, y) {
    var size = clamp(view[2] / factor, whole[2] / CLOSEST, whole[2]), share = size / view[2];
    // what lies at (x, y) stays where it is on the screen
    look(x - (x - view[0]) * share, y - (y - view[1]) * share, size);
  }
  function zoomMiddle(factor) { zoom(factor, view[0] + view[2] / 2, view[1] + view[3] / 2); }
  function move(right, down) { look(view[0] + right * view[2], view[1] + down * view[3], view[2]); }
  function centre(x, y, size) {
    look(x - size / 2, y - size * whole[3] / whole[2] / 2, size);
  }
  function shows(x, y) {
    return x >= view[0] && x <= view[0] + view[2] && y >= view[1] && y <= view[1] + view[3];
  }

  // ---- buttons and keys -------------------------------------------------------------------

  var actions = {
    "plus": function () { zoomMiddle(1.6); }, "minus": function () { zoomMiddle(1 / 1.6); },
    "links": function () { move(-0.25, 0); }, "rechts": function () { move(0.25, 0); },
    "hoch": function () { move(0, -0.25); }, "runter": function () { move(0, 0.25); },
    "alles": function () { look(0, 0, whole[2]); }, "speichern": save
  };
  var keys = {
    "+": "plus", "-": "minus", "ArrowLeft": "links", "ArrowRight": "rechts", "ArrowUp": "hoch",
    "ArrowDown": "runter", "0": "alles"
  };
  get("kartenknoepfe").hidden = false;
  get("kartenknoepfe").addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (button) { actions[button.dataset.tat](); }
  });
  frame.tabIndex = 0;
  frame.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && opened) { close(); frame.focus(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) { return; }
    event.preventDefault();
    actions[keys[event.key]]();
  });
  // a link of the map that the tab key reaches comes into sight
  svg.addEventListener("focusin", function (event) {
    var place = event.target.getBBox();
    var x = place.x + place.width / 2, y = place.y + place.height / 2;
    if (!shows(x, y)) { centre(x, y, view[2]); }
  });

  // ---- wheel, mouse, fingers --------------------------------------------------------------

  function point(clientX, clientY) {
    var area = svg.getBoundingClientRect();
    return [view[0] + (clientX - area.left) / area.width * view[2],
      view[1] + (clientY - area.top) / area.height * view[3]];
  }
  var hiding = 0;
  frame.addEventListener("wheel", function (event) {
    if (!event.ctrlKey && !event.metaKey) {
      // the wheel alone belongs to the page: a reader must be able to scroll past the map
      hint.hidden = false;
      clearTimeout(hiding);
      hiding = setTimeout(function () { hint.hidden = true; }, 1500);
      return;
    }
    event.preventDefault();
    var pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    var at = point(event.clientX, event.clientY);
    zoom(Math.exp(-clamp(pixels, -200, 200) / 300), at[0], at[1]);
  }, { passive: false });
  svg.addEventListener("dblclick", function (event) {
    var at = point(event.clientX, event.clientY);
    zoom(event.shiftKey ? 0.5 : 2, at[0], at[1]);
  });

  var fingers = new Map(), start = null, isFar = false;
  function middle() {
    var all = Array.from(fingers.values()), sum = { x: 0, y: 0, spread: 1 };
    all.forEach(function (one) { sum.x += one.x / all.length; sum.y += one.y / all.length; });
    if (all.length > 1) { sum.spread = Math.hypot(all[0].x - all[1].x, all[0].y - all[1].y) || 1; }
    return sum;
  }
  function begin() {
    start = fingers.size ? { at: middle(), view: view.slice() } : null;
  }
  function release(event) { fingers.delete(event.pointerId); begin(); }
  svg.addEventListener("pointerdown", function (event) {
    if (event.button > 0) { return; }
    isFar = fingers.size > 0;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    begin();
  });
  svg.addEventListener("pointermove", function (event) {
    if (!fingers.has(event.pointerId)) { return; }
    if (event.pointerType === "mouse" && event.buttons === 0) { release(event); return; }
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    var now = middle();
    if (Math.abs(now.x - start.at.x) + Math.abs(now.y - start.at.y) > 5) { isFar = true; }
    if (!isFar) { return; }
    svg.setPointerCapture(event.pointerId);
    var area = svg.getBoundingClientRect();
    var size = clamp(start.view[2] * start.at.spread / now.spread, whole[2] / CLOSEST, whole[2]);
    var x = start.view[0] + (start.at.x - area.left) / area.width * start.view[2];
    var y = start.view[1] + (start.at.y - area.top) / area.height * start.view[3];
    // what lay under the fingers stays under them
    look(x - (now.x - area.left) / area.width * size,
      y - (now.y - area.top) / area.height * size * whole[3] / whole[2], size);
  });
  svg.addEventListener("pointercancel", release);
  svg.addEventListener("pointerup", function (event) {
    if (!fingers.has(event.pointerId)) { return; }
    release(event);
    if (isFar || fingers.size) { return; }
    var at = point(event.clientX, event.clientY);
    close();
    listeners.forEach(function (tell) { tell(at[0], at[1], unit()); });
  });
  // the end of a drag is no click on a link below it; the enter key (detail 0) always is one
  svg.addEventListener("click", function (event) {
    if (isFar && event.detail > 0) { event.preventDefault(); }
  }, true);
  svg.addEventListener("dragstart", function (event) { event.preventDefault(); });

  // ---- the window at a point --------------------------------------------------------------

  function open(x, y, content) {
    inside.replaceChildren(content);
    opened = [x, y];
    box.hidden = false;
    placeBox();
  }
  function close() { opened = null; box.hidden = true; }
  function placeBox() {
    if (!opened) { return; }
    box.style.visibility = shows(opened[0], opened[1]) ? "" : "hidden";
    var x = (opened[0] - view[0]) / unit(), y = (opened[1] - view[1]) / unit();
    var above = y - box.offsetHeight - 16;
    box.style.left = clamp(x - box.offsetWidth / 2, 4, Math.max(4, width - box.offsetWidth - 4)) + "px";
    box.style.top = (above < 4 ? y + 16 : above) + "px";
  }
  get("fensterzu").addEventListener("click", function () { close(); frame.focus(); });

  // ---- the view as a file -----------------------------------------------------------------

  function save() {
    var sheet = get("kartenblatt").content.firstElementChild.cloneNode(true);
    var picture = sheet.querySelector("svg"), style = sheet.querySelector("style");
    var share = view[2] / whole[2];
    picture.setAttribute("viewBox", view.join(" "));
    Array.from(svg.children).forEach(function (node) { picture.append(node.cloneNode(true)); });
    picture.querySelectorAll("circle").forEach(function (node) {
      node.setAttribute("r", node.getAttribute("r") * share);
    });
    // sizes in u are sizes on paper (karte.css has those on the screen)
    style.textContent = style.textContent.replace(/([\d.]+)u\b/g, function (all, size) {
      return (size * share).toFixed(3) + "px";
    });
    var link = document.createElement("a");
    var text = new XMLSerializer().serializeToString(sheet);
    link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    link.download = svg.dataset.datei;
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  }

  window.addEventListener("resize", measure);
  measure();

  return {
    show: function (x, y) { centre(x, y, Math.min(view[2], whole[2] / 3)); },
    open: open,
    close: close,
    say: function (text) { note.textContent = text; },
    onTap: function (tell) { listeners.push(tell); },
    svg: svg
  };
})();
