// Text that was typed in this browser before anybody had signed in. It may be somebody else's. So it isn't put into the page of
// the person who signs in next: that person is asked first.

import { Notice } from "./notice.js";

/** Offers the draft `unsigned` before the element `place`, if there is one. `take(draft)` puts it into the page. */
export function offerUnsigned(place, unsigned, take) {
  const found = unsigned.read();
  if (!found) return;
  const notice = new Notice(place, "note");
  const end = () => {
    unsigned.drop();
    notice.hide();
  };
  notice.show("Something was typed here in this browser while nobody was signed in. If it was you, you can go on with it.", [
    { label: "Use it", act: () => { take(found); end(); } },
    { label: "Drop it", act: end },
  ]);
}
