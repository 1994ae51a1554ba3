// Die Karte bewegen: Knöpfe, Tasten, Maus und Finger. Ohne Skript steht sie still und vollständig da.
var regionMap = (function () {
  "use strict";
  var svg = document.getElementById("karte");
  if (!svg) { return null; }
  var frame = document.getElementById("kartenfeld");
  var note = document.getElementById("kartentext");
  var whole = svg.getAttribute("viewBox").split(" ").map(Number);
  var view = whole.slice();
  var width = 0;
  var listeners = [];

  function draw() {
    svg.setAttribute("viewBox", view.join(" "));
    // labels and symbols keep their size on the screen at every zoom
    svg.style.setProperty("--unit", width ? view[2] / width : 1);
  }
  function measure() { width = svg.clientWidth; draw(); }
  function clamp(value, low, high) { return Math.min(Math.max(value, low), high); }
  function place(x, y, size) {
    var share = clamp(size, whole[2] / 24, whole[2]) / whole[2];
    view = [0, 0, whole[2] * share, whole[3] * share];
    view[0] = clamp(x - view[2] / 2, 0, whole[2] - view[2]);
    view[1] = clamp(y - view[3] / 2, 0, whole[3] - view[3]);
    draw();
  }
  function move(right, down) {
    place(view[0] + view[2] * (0.5 + right), view[1] + view[3] * (0.5 + down), view[2]);
  }
  function zoom(factor) { place(view[0] + view[2] / 2, view[1] + view[3] / 2, view[2] / factor); }

  var actions = {
    "plus": function () { zoom(1.6); }, "minus": function () { zoom(1 / 1.6); },
    "links": function () { move(-0.25, 0); }, "rechts": function () { move(0.25, 0); },
    "hoch": function () { move(0, -0.25); }, "runter": function () { move(0, 0.25); },
    "alles": function () { place(whole[2] / 2, whole[3] / 2, whole[2]); }
  };
  var keys = {
    "+": "plus", "-": "minus", "ArrowLeft": "links", "ArrowRight": "rechts", "ArrowUp": "hoch",
    "ArrowDown": "runter", "0": "alles"
  };
  document.getElementById("kartenknoepfe").hidden = false;
  document.getElementById("kartenknoepfe").addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (button) { actions[button.dataset.tat](); }
  });
  frame.tabIndex = 0;
  frame.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) { return; }
    event.preventDefault();
    actions[keys[event.key]]();
  });

  var drag = null;
  svg.addEventListener("pointerdown", function (event) {
    drag = { x: event.clientX, y: event.clientY, view: view.slice(), far: false };
  });
  svg.addEventListener("pointermove", function (event) {
    if (!drag || event.buttons === 0) { return; }
    var dx = event.clientX - drag.x, dy = event.clientY - drag.y;
    if (Math.abs(dx) + Math.abs(dy) > 5) { drag.far = true; }
    var unit = drag.view[2] / width;
    place(drag.view[0] + drag.view[2] / 2 - dx * unit, drag.view[1] + drag.view[3] / 2 - dy * unit,
      drag.view[2]);
  });
  svg.addEventListener("pointercancel", function () { drag = null; });
  svg.addEventListener("pointerup", function (event) {
    if (drag && !drag.far) {
      var box = svg.getBoundingClientRect();
      var unit = view[2] / box.width;
      var x = view[0] + (event.clientX - box.left) * unit;
      var y = view[1] + (event.clientY - box.top) * unit;
      listeners.forEach(function (tell) { tell(x, y, 22 * unit); });
    }
    drag = null;
  });
  window.addEventListener("resize", measure);
  measure();

  return {
    show: function (x, y) { place(x, y, Math.min(view[2], whole[2] / 3)); },
    whole: actions.alles,
    say: function (text) { note.textContent = text; },
    onTap: function (tell) { listeners.push(tell); },
    svg: svg
  };
})();
