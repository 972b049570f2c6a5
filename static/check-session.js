// The page that clients load in a frame and ask whether the browser's sign-in state has changed (OpenID Connect Session
// Management 1.0, section 3). For any browser: no more than ECMAScript 5, and a SHA-256 of its own, because not every
// browser has one, and none outside of https.
(function () {
  'use strict';
  var name = document.documentElement.getAttribute('data-cookie');

  function state() {
    var cookies = document.cookie ? document.cookie.split('; ') : [];
    for (var i = 0; i < cookies.length; i++) {
      if (cookies[i].indexOf(name + '=') === 0) {
        return cookies[i].substring(name.length + 1);
      }
    }
    return '';
  }

  // The first 32 bits of the fractional parts of the roots of the first primes (FIPS 180-4, section 4.2.2 and 5.3.3).
  function bits(root) {
    return ((root - Math.floor(root)) * 4294967296) | 0;
  }
  var constants = [];
  var start = [];
  for (var candidate = 2; constants.length < 64; candidate++) {
    var prime = true;
    for (var divisor = 2; divisor * divisor <= candidate; divisor++) {
      if (candidate % divisor === 0) {
        prime = false;
        break;
      }
    }
    if (prime) {
      if (start.length < 8) {
        start.push(bits(Math.pow(candidate, 1 / 2)));
      }
      constants.push(bits(Math.pow(candidate, 1 / 3)));
    }
  }

  function turned(word, by) {
    return (word >>> by) | (word << (32 - by));
  }

  function sha256(text) {
    var bytes = unescape(encodeURIComponent(text));
    var words = [];
    var count = ((bytes.length + 8) >> 6) * 16 + 16;
    var i;
    for (i = 0; i < count; i++) {
      words[i] = 0;
    }
    for (i = 0; i < bytes.length; i++) {
      words[i >> 2] |= bytes.charCodeAt(i) << (24 - (i % 4) * 8);
    }
    words[bytes.length >> 2] |= 0x80 << (24 - (bytes.length % 4) * 8);
    words[count - 1] = bytes.length * 8;
    var hash = start.slice(0);
    for (var block = 0; block < count; block += 16) {
      var w = words.slice(block, block + 16);
      var a = hash.slice(0);
      for (i = 0; i < 64; i++) {
        if (i >= 16) {
          var x = w[i - 15];
          var y = w[i - 2];
          var s0 = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3);
          var s1 = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10);
          w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
        }
        var e = a[4];
        var t1 = a[7] + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & a[5]) ^ (~e & a[6])) + constants[i] + w[i];
        var t2 = (turned(a[0], 2) ^ turned(a[0], 13) ^ turned(a[0], 22)) + ((a[0] & a[1]) ^ (a[0] & a[2]) ^ (a[1] & a[2]));
        a = [(t1 + t2) | 0, a[0], a[1], a[2], (a[3] + t1) | 0, a[4], a[5], a[6]];
      }
      for (i = 0; i < 8; i++) {
        hash[i] = (hash[i] + a[i]) | 0;
      }
    }
    var out = '';
    for (i = 0; i < 32; i++) {
      out += String.fromCharCode((hash[i >> 2] >>> (24 - (i % 4) * 8)) & 255);
    }
    return btoa(out).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  // "client_id session_state"; an id may hold no space, and neither may the state.
  function answer(message, origin) {
    var parts = typeof message === 'string' ? message.split(' ') : [];
    var dot = parts.length === 2 ? parts[1].indexOf('.') : -1;
    if (dot < 1 || !parts[0]) {
      return 'error';
    }
    var salt = parts[1].substring(dot + 1);
    var now = sha256(parts[0] + ' ' + origin + ' ' + state() + ' ' + salt) + '.' + salt;
    return now === parts[1] ? 'unchanged' : 'changed';
  }

  window.addEventListener('message', function (event) {
    // Only a page that has an origin can be answered, and nobody else may read the answer.
    if (event.source && event.origin && event.origin !== 'null') {
      event.source.postMessage(answer(event.data, event.origin), event.origin);
    }
  }, false);
})();
