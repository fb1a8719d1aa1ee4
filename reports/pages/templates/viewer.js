// MLflow shows this page as a blob in a frame. A browser goes to no part of a blob, and the files beside the page are
// not beside the blob: a click would do nothing, or put an empty page in the place of this one.

if (location.protocol === "blob:") {
  for (const link of document.querySelectorAll("a[href]")) {
    const part = document.getElementById(link.hash.slice(1));
    if (part) link.addEventListener("click", (event) => { event.preventDefault(); part.scrollIntoView(); });
    else link.replaceWith(...link.childNodes);
  }
}
