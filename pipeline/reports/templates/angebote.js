// Das Verzeichnis: suchen, filtern, blättern. Die Daten stehen in der Seite, nichts wird geladen.
(function () {
  "use strict";
  var PAGE = 10;
  var data = JSON.parse(document.getElementById("angebote-daten").textContent);
  var offers = data.offers;
  var get = function (id) { return document.getElementById(id); };
  var field = get("suche"), kind = get("bereich"), place = get("ort"), access = get("rollstuhl");
  var list = get("treffer"), count = get("trefferzahl"), more = get("weitere");
  var dots = get("punkte"), mark = get("marke"), report = get("meldung");
  var hits = [], shown = 0;

  offers.forEach(function (offer) {
    offer.found = spelling.haystack(
      [offer.name, data.kinds[offer.kind], offer.address, data.places[offer.place]].join(" "));
  });

  function add(parent, tag, text, name) {
    var node = document.createElement(tag);
    node.textContent = text;
    if (name) { node.className = name; }
    parent.append(node);
    return node;
  }
  function button(parent, text, offer, act) {
    var node = add(parent, "button", text);
    node.type = "button";
    node.setAttribute("aria-label", text + ": " + offer.name);
    node.addEventListener("click", function () { act(offer); });
  }
  function entry(offer) {
    var item = document.createElement("li");
    add(item, "strong", offer.name);
    add(item, "span", data.kinds[offer.kind] + " · " + offer.address, "zeile");
    add(item, "span", "barrierefrei: " + offer.access
      + (offer.languages ? " · Sprachen: " + offer.languages : "")
      + " · Stand " + offer.day + " · " + data.sources[offer.source], "zeile klein");
    if (offer.remark) { add(item, "span", offer.remark, "zeile hinweis"); }
    if (/^https?:\/\//i.test(offer.url || "")) {
      var link = add(item, "a", offer.url, "zeile klein");
      link.href = offer.url;
      link.rel = "noopener noreferrer";
    }
    var row = add(item, "span", "", "zeile knoepfe");
    if (offer.x !== null) { button(row, "Auf der Karte", offer, locate); }
    button(row, "Fehler melden", offer, complain);
    return item;
  }
  function locate(offer) {
    mark.setAttribute("d", "M" + offer.x + "," + offer.y + "h.01");
    regionMap.show(offer.x, offer.y);
    regionMap.say("Markiert: " + offer.name + ", " + offer.address);
    regionMap.svg.scrollIntoView({ block: "nearest" });
  }
  function complain(offer) {
    report.value = data.report.replace("{name}", offer.name)
      .replace("{kind}", data.kinds[offer.kind]).replace("{address}", offer.address)
      .replace("{day}", offer.day).replace("{source}", data.sources[offer.source]);
    report.focus();
    report.select();
  }
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
  function find(words, test) {
    return offers.filter(function (offer) {
      return (kind.value === "" || offer.kind === Number(kind.value))
        && (place.value === "" || offer.place === Number(place.value))
        && (!access.checked || offer.access === "ja")
        && words.every(function (word) { return test(offer.found, word); });
    });
  }
  function update() {
    var words = spelling.plain(field.value).split(" ").filter(Boolean);
    hits = find(words, function (text, word) { return text.indexOf(word) >= 0; });
    if (hits.length === 0) { hits = find(words, spelling.hasParts); }
    list.replaceChildren();
    shown = 0;
    append(PAGE);
    // all points are one path: one node to change, however many there are
    dots.setAttribute("d", hits.map(function (offer) {
      return offer.x === null ? "" : "M" + offer.x + "," + offer.y + "h.01";
    }).join(""));
    mark.removeAttribute("d");
    data.areas.forEach(function (area) {
      var known = kind.value === "" ? area.any : area.kinds[kind.value];
      var node = get("gebiet-" + area.key);
      if (node) { node.setAttribute("class", "gebiet " + known); }
    });
  }

  field.addEventListener("input", update);
  [kind, place, access].forEach(function (node) { node.addEventListener("change", update); });
  more.addEventListener("click", function () {
    var first = shown;
    append(shown + PAGE);
    var next = list.children[first];
    if (next) { next.tabIndex = -1; next.focus(); }
  });
  regionMap.onTap(function (x, y, reach) {
    var nearest = null, least = reach * reach;
    hits.forEach(function (offer) {
      if (offer.x === null) { return; }
      var away = (offer.x - x) * (offer.x - x) + (offer.y - y) * (offer.y - y);
      if (away <= least) { nearest = offer; least = away; }
    });
    if (nearest) { locate(nearest); }
  });
  // on paper the list is whole
  window.addEventListener("beforeprint", function () { append(hits.length); });
  get("filter").hidden = false;
  update();
})();
