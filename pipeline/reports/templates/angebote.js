// The directory: search, filter, leaf through, print. The page holds the data; nothing is loaded.
(function () {
  "use strict";
  var PAGE = 10, TOGETHER = 6, IN_WINDOW = 5, PAUSE = 150;
  var data = JSON.parse(document.getElementById("angebote-daten").textContent);
  var offers = data.offers;
  var get = function (id) { return document.getElementById(id); };
  var field = get("suche"), kind = get("bereich"), place = get("ort"), access = get("rollstuhl");
  var language = get("sprache");  // not there where no offer names a language
  var list = get("treffer"), count = get("trefferzahl"), more = get("weitere");
  var dots = get("punkte"), mark = get("marke"), report = get("meldung");
  var hits = [], shown = 0, beforePrint = 0, painting = 0;

  function wordsOf(offer) {
    return offer.languages.map(function (number) { return data.languages[number]; }).join(", ");
  }
  offers.forEach(function (offer) {
    offer.found = spelling.haystack([offer.name, data.kinds[offer.kind], offer.address,
      data.places[offer.place], wordsOf(offer)].join(" "));
  });

  // ---- an offer on the page ---------------------------------------------------------------

  function add(parent, tag, text, name) {
    var node = document.createElement(tag);
    node.textContent = text;
    if (name) { node.className = name; }
    parent.append(node);
    return node;
  }
  // a name that is written from right to left must not turn the words around it
  function isolated(text) { return "\u2068" + text + "\u2069"; }
  function button(parent, text, offer, act) {
    var node = add(parent, "button", text);
    node.type = "button";
    node.setAttribute("aria-label", text + ": " + isolated(offer.name));
    node.addEventListener("click", function () { act(offer); });
  }
  function website(parent, offer) {
    if (!/^https?:\/\//.test(offer.website)) { return; }
    var shown = offer.website.replace(/^https?:\/\/(www\.)?/, "");
    var link = add(add(parent, "span", "Internet: ", "zeile klein"), "a", shown, "netz");
    link.href = offer.website;
    link.rel = "noopener noreferrer";
  }
  function about(parent, offer) {
    add(parent, "strong", offer.name).dir = "auto";
    add(parent, "span", data.kinds[offer.kind] + " · " + offer.address, "zeile");
  }
  function entry(offer) {
    var item = document.createElement("li");
    about(item, offer);
    add(item, "span", "barrierefrei: " + offer.access
      + (offer.languages.length ? " · Sprachen: " + wordsOf(offer) : "")
      + " · Stand " + offer.day + " · " + data.sources[offer.source], "zeile klein");
    website(item, offer);
    if (offer.remark) { add(item, "span", offer.remark, "zeile hinweis"); }
    var row = add(item, "span", "", "zeile knoepfe");
    if (offer.x !== null) { button(row, "Auf der Karte", offer, locate); }
    button(row, "Fehler melden", offer, complain);
    return item;
  }
  function complain(offer) {
    report.value = data.report.replace("{name}", function () { return offer.name; })
      .replace("{kind}", data.kinds[offer.kind])
      .replace("{address}", function () { return offer.address; })
      .replace("{day}", offer.day).replace("{source}", data.sources[offer.source]);
    report.focus();
    report.select();
  }

  // ---- the map ----------------------------------------------------------------------------

  function dot(offer) { return "M" + offer.x + "," + offer.y + "h.01"; }
  function paint() {
    clearTimeout(painting);
    // all points are one path: one node to change, however many there are
    dots.setAttribute("d", hits.map(function (offer) {
      return offer.x === null ? "" : dot(offer);
    }).join(""));
    data.areas.forEach(function (area) {
      var known = kind.value === "" ? area.any : area.kinds[kind.value];
      get("gebiet-" + area.key).setAttribute("class", "gebiet " + known);
    });
  }
  function open(some) {
    paint();
    var first = some[0], content = document.createElement("div");
    some.slice(0, IN_WINDOW).forEach(function (offer) {
      var part = add(content, "p", "");
      about(part, offer);
      website(part, offer);
    });
    var rest = some.length - IN_WINDOW;
    if (rest > 0) { add(content, "p", rest + " weitere an dieser Stelle nennt die Liste.", "klein"); }
    mark.setAttribute("d", dot(first));
    regionMap.open(first.x, first.y, content);
    regionMap.say("Markiert: " + isolated(first.name) + ", " + isolated(first.address)
      + (some.length > 1 ? ", und " + (some.length - 1) + " weitere an dieser Stelle" : ""));
  }
  function locate(offer) {
    regionMap.show(offer.x, offer.y);
    open([offer]);
    regionMap.svg.scrollIntoView({ block: "nearest" });
  }
  function near(x, y, reach) {
    return hits.filter(function (offer) {
      return offer.x !== null && Math.hypot(offer.x - x, offer.y - y) <= reach;
    }).sort(function (one, other) {
      return Math.hypot(one.x - x, one.y - y) - Math.hypot(other.x - x, other.y - y);
    });
  }
  regionMap.onTap(function (x, y, unit) {
    var nearest = near(x, y, 22 * unit)[0];
    // dots that lie upon each other are told together
    if (nearest) { open(near(nearest.x, nearest.y, TOGETHER * unit)); }
    else { mark.removeAttribute("d"); }
  });

  // ---- the list ---------------------------------------------------------------------------

  function append(until) {
    var part = document.createDocumentFragment();
    hits.slice(shown, until).forEach(function (offer) { part.append(entry(offer)); });
    list.append(part);
    shown = Math.min(until, hits.length);
    more.hidden = shown >= hits.length;
    count.textContent = hits.length === 0
      ? "Kein Treffer. Das heißt nicht, dass es kein Angebot gibt."
      : hits.length + " Treffer, gezeigt 1 bis " + shown;
  }
  function restart(until) {
    list.replaceChildren();
    shown = 0;
    append(until);
  }
  function find(words, test) {
    var spoken = language ? language.value : "";
    return offers.filter(function (offer) {
      return (kind.value === "" || offer.kind === Number(kind.value))
        && (place.value === "" || offer.place === Number(place.value))
        && (spoken === "" || offer.languages.indexOf(Number(spoken)) >= 0)
        && (!access.checked || offer.access === "ja")
        && words.every(function (word) { return test(offer.found, word); });
    });
  }
  function update() {
    var words = spelling.plain(field.value).split(" ").filter(Boolean);
    hits = find(words, function (text, word) { return text.indexOf(word) >= 0; });
    if (hits.length === 0) { hits = find(words, spelling.hasParts); }
    restart(PAGE);
    mark.removeAttribute("d");
    regionMap.close();
    // painting thousands of dots takes longer than finding them: it waits for a pause in typing
    clearTimeout(painting);
    painting = setTimeout(paint, PAUSE);
  }

  // ---- paper: the list is whole, and says what it was chosen by -----------------------------

  function chosen() {
    var parts = [kind, place, language].filter(function (node) {
      return node && node.value !== "";
    }).map(function (node) { return node.selectedOptions[0].textContent; });
    if (field.value.trim()) { parts.push("gesucht: " + isolated(field.value.trim())); }
    if (access.checked) { parts.push("als barrierefrei eingetragen"); }
    return hits.length + " von " + offers.length + " Angeboten"
      + (parts.length ? " (" + parts.join("; ") + ")" : "");
  }
  window.addEventListener("beforeprint", function () {
    beforePrint = shown;
    get("auswahl").textContent = chosen();
    append(hits.length);
    paint();
  });
  window.addEventListener("afterprint", function () { restart(beforePrint); });
  get("drucken").addEventListener("click", function () { window.print(); });

  field.addEventListener("input", update);
  [kind, place, language, access].forEach(function (node) {
    if (node) { node.addEventListener("change", update); }
  });
  more.addEventListener("click", function () {
    var first = shown;
    append(shown + PAGE);
    var next = list.children[first];
    if (next) { next.tabIndex = -1; next.focus(); }
  });
  get("filter").hidden = false;
  get("drucken").hidden = false;
  update();
  paint();
})();
