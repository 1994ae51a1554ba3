// One spelling for all: umlauts, ß, hyphens, capitals and the abbreviation „str.“ make no difference;
// „Loewenapotheke“ finds „Löwen-Apotheke“.
var spelling = (function () {
  "use strict";
  function plain(text) {
    return text.toLowerCase().replace(/str\.(?=\s|\d|$)/g, "strasse")
      .replace(/ä/g, "ae").replace(/ö/g, "oe").replace(/ü/g, "ue")
      .replace(/ß/g, "ss").normalize("NFD").replace(/[\u0300-\u036f]/g, "")
      .replace(/ae/g, "a").replace(/oe/g, "o").replace(/ue/g, "u").replace(/[^a-z0-9 ]/g, "");
  }
  // a compound is also found by its parts, and parts by the compound
  function haystack(text) {
    var words = plain(text);
    return words + " | " + words.replace(/ /g, "");
  }
  function hasParts(text, word) {
    for (var cut = 4; cut <= word.length - 4; cut += 1) {
      // the linking s of „Bahnhofsapotheke“ belongs to neither part
      var first = word.slice(0, cut).replace(/s$/, "");
      if (text.indexOf(first) >= 0 && text.indexOf(word.slice(cut)) >= 0) { return true; }
    }
    return false;
  }
  return { plain: plain, haystack: haystack, hasParts: hasParts };
})();
