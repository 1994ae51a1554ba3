// The sliders of the scenarios. The model is not written here: the page holds the steps of the
// calculation as the program recorded them, and they are repeated with the values of the sliders, so
// that the same numbers come out. Texts are inputs, numbers constants, lists operations on earlier
// steps.
(function () {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg";
  var compute = {
    "+": function (a, b) { return a + b; },
    "-": function (a, b) { return a - b; },
    "*": function (a, b) { return a * b; },
    "/": function (a, b) { return a / b; },
    "min": function (a, b) { return Math.min(a, b); },
    "max": function (a, b) { return Math.max(a, b); }
  };

  function replay(entries, inputs) {
    var done = [];
    entries.forEach(function (entry) {
      if (typeof entry === "string") { done.push(inputs[entry]); }
      else if (typeof entry === "number") { done.push(entry); }
      else { done.push(compute[entry[0]](done[entry[1]], done[entry[2]])); }
    });
    return done;
  }

  function german(value, decimals) {
    var unit = Math.pow(10, Math.max(-decimals, 0)), places = Math.max(decimals, 0);
    var rounded = Math.round(value / unit * Math.pow(10, places)) / Math.pow(10, places) * unit + 0;
    return rounded.toLocaleString("de-DE", { minimumFractionDigits: places, maximumFractionDigits: places })
      .replace("-", "−");
  }

  function heading(text) {
    var node = document.createElement("th");
    node.textContent = text;
    node.scope = "row";
    return node;
  }

  function number(value, decimals) {
    var node = document.createElement("td");
    node.textContent = german(value, decimals);
    node.className = "number";
    node.dataset.value = String(value);
    return node;
  }

  function row(cells) {
    var node = document.createElement("tr");
    node.append.apply(node, cells);
    return node;
  }

  function shape(kind, attributes, text) {
    var node = document.createElementNS(SVG, kind);
    Object.keys(attributes).forEach(function (name) { node.setAttribute(name, attributes[name]); });
    if (text !== undefined) { node.textContent = text; }
    return node;
  }

  function draw(svg, years, nothing, yours) {
    // drawn in the width that is there: the letters stay readable on a phone too
    var width = Math.max(svg.clientWidth, 260);
    var left = 32, right = width - 40, bottom = 218, top = 34;
    svg.setAttribute("viewBox", "0 0 " + width + " 245");
    var limit = Math.max.apply(null, nothing.concat(yours, [110])) * 1.05;
    function x(i) { return left + (right - left) * i / (years.length - 1); }
    function y(value) { return bottom - (bottom - top) * value / limit; }
    function line(values, name) {
      var points = values.map(function (value, i) { return x(i).toFixed(1) + "," + y(value).toFixed(1); });
      return shape("polyline", { points: points.join(" "), "class": name });
    }
    var parts = [];
    for (var tick = 0; tick <= limit; tick += 25) {
      parts.push(shape("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), "class": tick === 100 ? "need" : "grid" }));
      parts.push(shape("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, String(tick)));
    }
    years.forEach(function (year, i) {
      if (year % 5 === 0) { parts.push(shape("text", { x: x(i), y: bottom + 20, "text-anchor": "middle" }, String(year))); }
    });
    parts.push(line(nothing, "nothing"), line(yours, "yours"));
    var last = years.length - 1;
    var below = y(nothing[last]), above = y(yours[last]);
    if (Math.abs(below - above) < 15) { above = below - 15; }
    parts.push(shape("text", { x: right + 5, y: below + 4, "class": "nothing" }, german(nothing[last], 1)));
    parts.push(shape("text", { x: right + 5, y: above + 4, "class": "yours" }, german(yours[last], 1)));
    parts.push(shape("line", { x1: 2, x2: 24, y1: 12, y2: 12, "class": "nothing" }));
    parts.push(shape("text", { x: 29, y: 16 }, "nichts geschieht"));
    parts.push(shape("line", { x1: 142, x2: 164, y1: 12, y2: 12, "class": "yours" }));
    parts.push(shape("text", { x: 169, y: 16 }, "Ihre Einstellung"));
    svg.replaceChildren.apply(svg, parts);
  }

  function setUp(panel) {
    var model = JSON.parse(panel.querySelector("script").textContent);
    var inputs = Array.prototype.slice.call(panel.querySelectorAll("input"));
    var status = panel.querySelector("[role=status]");
    var pending = 0;

    function fill(name, rows) {
      var body = panel.querySelector("[data-rows=" + name + "]");
      body.replaceChildren.apply(body, rows);
    }

    function courses(values) {
      var done = replay(model.entries, values);
      var result = {};
      model.outputs.forEach(function (output) {
        result[output.name] = output.entries.map(function (position) { return done[position]; });
      });
      return result;
    }

    function show() {
      var values = {}, untouched = {};
      model.sliders.forEach(function (slider) {
        var value = parseFloat(inputs.find(function (input) { return input.name === slider.name; }).value);
        values[slider.name] = value;
        untouched[slider.name] = slider.is_measure ? slider.value : value;
      });
      inputs.forEach(function (input) {
        var slider = model.sliders.find(function (one) { return one.name === input.name; });
        var text = german(values[input.name], slider.decimals) + " " + slider.unit;
        input.parentNode.querySelector("output").textContent = text;
        input.setAttribute("aria-valuetext", text);
      });
      var yours = courses(values), nothing = courses(untouched);
      var last = model.years.length - 1;
      fill("end", model.outputs.map(function (output) {
        return row([
          heading(output.label),
          number(nothing[output.name][last], output.decimals),
          number(yours[output.name][last], output.decimals)
        ]);
      }));
      fill("years", model.years.map(function (year, i) {
        return row([heading(String(year)), number(nothing.coverage[i], 1)].concat(
          model.outputs.map(function (output) {
            return number(yours[output.name][i], output.decimals);
          })
        ));
      }));
      draw(panel.querySelector("svg"), model.years, nothing.coverage, yours.coverage);
      // speak once the slider rests: else a screen reader reads every step aloud
      window.clearTimeout(pending);
      pending = window.setTimeout(function () {
        status.textContent = "Im Jahr " + model.years[last] + " sind " + german(yours.coverage[last], 1)
          + " Prozent der nötigen Arztsitze besetzt. Geschieht nichts, sind es "
          + german(nothing.coverage[last], 1) + " Prozent.";
      }, 250);
    }

    function put(values) {
      inputs.forEach(function (input) { input.value = values[input.name]; });
      show();
    }

    panel.addEventListener("input", show);
    window.addEventListener("resize", show);
    panel.addEventListener("click", function (event) {
      var action = event.target.dataset.action;
      if (action === "suggest") { put(model.suggested); }
      if (action === "reset") {
        var first = {};
        model.sliders.forEach(function (slider) { first[slider.name] = slider.value; });
        put(first);
      }
    });
    panel.hidden = false;
    panel.nextElementSibling.hidden = true;
    show();
  }

  document.querySelectorAll("[data-scenario]").forEach(setUp);
})();
