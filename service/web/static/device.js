// What a page does on the device alone: shut the way out, and hand over a file.

// From here on the browser itself refuses every request of this page, also to us.
export function shut(more = "") {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = `default-src 'none'; img-src data:; form-action 'none'; ${more}`;
  document.head.append(policy);
}

export function handOver(text, type, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.target = "_blank"; // not a page of ours
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
