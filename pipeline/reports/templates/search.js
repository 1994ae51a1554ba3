// Search without a network: what is typed is compared with the entries that the page holds, in the
// spelling of spelling.js.
(function () {
  "use strict";
  var entries = JSON.parse(document.getElementById("suchindex").textContent);
  var field = document.getElementById("suche");
  var list = document.getElementById("treffer");
  var count = document.getElementById("trefferzahl");
  var plain = spelling.plain;
  entries.forEach(function (entry) { entry.plain = plain(entry.text + " " + entry.title); });
  field.addEventListener("input", function () {
    var words = plain(field.value).split(" ").filter(Boolean);
    var hits = words.length === 0 ? [] : entries.filter(function (entry) {
      return words.every(function (word) { return entry.plain.indexOf(word) >= 0; });
    });
    list.replaceChildren.apply(list, hits.slice(0, 30).map(function (entry) {
      var item = document.createElement("li");
      var link = document.createElement("a");
      link.href = entry.link;
      link.textContent = entry.title;
      item.append(link, document.createTextNode(" – " + entry.where));
      return item;
    }));
    count.textContent = words.length === 0 ? "" : hits.length + " Treffer";
  });
})();
