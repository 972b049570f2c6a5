// Passkeys: asks the browser for one, and sends its answer as the page's own form. Whatever it says stands in the page, in the
// page's language. It calls no server, and everything but passkeys works without it.
(() => {
  'use strict';
  const form = document.getElementById('passkey-form');
  if (!form) return;
  const making = form.dataset.passkey === 'create';
  const options = JSON.parse(form.dataset.options);
  const host = making ? options.rp.id : options.rpId;
  const button = form.querySelector('button');
  let waiting = null; // The question that autofill asks, until another is asked.

  const say = (trouble) => {
    const lines = [...form.querySelectorAll('[data-trouble]')];
    const known = lines.some((line) => line.dataset.trouble === trouble);
    for (const line of lines) line.hidden = line.dataset.trouble !== (known ? trouble : 'other');
  };
  const hush = () => form.querySelectorAll('[data-trouble]').forEach((line) => { line.hidden = true; });

  const fits = location.hostname === host || location.hostname.endsWith('.' + host);
  if (!window.PublicKeyCredential || !navigator.credentials || !fits) {
    // A login page has other ways, and need not say that this one is closed.
    if (form.hidden) return;
    button.disabled = true;
    say(fits ? 'unsupported' : 'elsewhere');
    return;
  }
  form.hidden = false;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const named = (list) => (list || []).map((credential) => ({ ...credential, id: bytes(credential.id) }));

  const question = () => {
    const asked = { ...options, challenge: bytes(options.challenge) };
    if (making) {
      asked.user = { ...options.user, id: bytes(options.user.id) };
      asked.excludeCredentials = named(options.excludeCredentials);
    } else {
      asked.allowCredentials = named(options.allowCredentials);
    }
    return asked;
  };

  const answer = (credential) => {
    const { response } = credential;
    const said = { clientDataJSON: text(response.clientDataJSON) };
    if (making) {
      said.attestationObject = text(response.attestationObject);
      if (response.getTransports) said.transports = response.getTransports();
    } else {
      said.authenticatorData = text(response.authenticatorData);
      said.signature = text(response.signature);
      if (response.userHandle) said.userHandle = text(response.userHandle);
    }
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said });
  };

  const send = (credential) => {
    form.elements.answer.value = answer(credential);
    const remember = document.getElementById('remember');
    if (remember && form.elements.remember) form.elements.remember.disabled = !remember.checked;
    form.submit();
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (waiting) waiting.abort();
    waiting = null;
    hush();
    button.disabled = true;
    try {
      const publicKey = question();
      send(await (making ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey })));
    } catch (error) {
      button.disabled = false;
      say(error.name);
    }
  });

  // The field of the name offers passkeys by itself, where the browser can.
  const autofill = async () => {
    const able = PublicKeyCredential.isConditionalMediationAvailable;
    if (!able || !(await able.call(PublicKeyCredential))) return;
    const field = document.getElementById('username');
    if (!field) return;
    field.autocomplete = 'username webauthn';
    waiting = new AbortController();
    const { signal } = waiting;
    try {
      send(await navigator.credentials.get({ mediation: 'conditional', publicKey: question(), signal }));
    } catch (error) {
      if (error.name !== 'AbortError' && !signal.aborted) say(error.name);
    }
  };
  if ('autofill' in form.dataset) autofill();
  // A page that comes back from the browser's memory has a challenge that may have been answered.
  window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
})();
