// One file on its way to the server, with what part of it has left; fetch() cannot tell that yet.

import { token } from "../js/dom.js";

// Resolves to {status, text}; status 0 when the server cannot be reached or `signal` stopped it.
export function upload(url, fields, signal, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(), form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded / total));
    request.addEventListener("loadend", () => resolve({ status: request.status, text: request.responseText }));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("HX-Request", "true");
    request.send(form);
  });
}
