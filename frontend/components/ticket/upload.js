import { busy } from "/static/components/busy.js";
import { html, replace } from "/static/html.js";
import { section } from "./section.js";

/** The upload of a paid ticket's file, from wherever it stands. */
export function upload() {
  return section({
    id: "upload",
    title: "Upload the dataset",
    pick: ({ id, status, dataset, spec, fee_wei, deadline }, { own }) =>
      own && status === "FUNDED" && Date.now() / 1000 < deadline ? { id, dataset, spec, fee_wei } : null,
    draw: (ticket, { signal, refresh }) => {
      const place = html`<div></div>`;
      replace(place, busy("Looking how far the upload got …"));
      // Most visits to a ticket's page need nothing of it.
      import("/static/components/train/resume-upload.js").then(({ resumeUpload }) =>
        replace(place, resumeUpload(ticket, { signal, changed: () => refresh() })),
      );
      return place;
    },
  });
}
