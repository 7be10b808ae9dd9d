"""The events of the browser: what comes over the socket, what a console sends, and what scripts of the page fire."""

from __future__ import annotations

FROM_DESK = {
    "changed": "`{seq, kind, ticket, message, actor, row, html, lists}`: a ticket the reader sees was changed by the "
    "journal's event `seq` of this `kind`. "
    "`row` is its row as plain data, `html` the same as a line in the reader's language (empty when a later "
    "change of the same ticket came along). "
    "`lists` says of each list it stands or stood in: `order` (numbers to compare one after the other; null "
    "when it left) and `count` (by how much the list grew).",
    "items": '`{seq, kind: "items", ticket, html}`: what is new or changed in a ticket that this console shows, up to '
    "event `seq`, in the reader's language: its head and the items, as `/tickets/…/items` answers. It comes before "
    "the `changed` it belongs to.",
    "gone": '`{seq, kind: "gone", ticket, lists}`: a ticket the reader sees no longer.',
    "looking": "`{ticket, users: [{id, name, writing}]}`: who looks at a ticket and who writes there.",
    "signal": "`{ticket, kind}`: what the customer of a ticket does: `typing`, `online` or `away`. Never stored.",
    "ring": "`{presence, rings, ringing}`: how the reader is available and what of the line rings at them, as HTML; "
    "`ringing` are the entries. It comes whole each time, after connecting too.",
    "waiting": "`{queue, waiting}`: so many people wait in a queue to be served at once.",
    "line": "Something in the line or in somebody's availability changed; only to those who show the line.",
    "renew": "The reader's rights changed, or their session is over: load the page anew.",
}
FROM_CONSOLE = {
    "subscribe": "`{since, list}`: hear from now on, `list` is the key of the one that is shown, `line` for the line; "
    "the answer is `{seq, missed, more}` with what was missed since that number, or `{reload}`.",
    "watch_ticket": "`{ticket}`: this person looks at a ticket now, at none without one.",
    "read": "`{ticket, upto}`: this person has seen everything of a ticket up to a message.",
    "typing": "`{ticket, writing}`: this person begins or ends writing.",
}
IN_PAGE = {
    "live:changed": "A `changed` of the socket, each `seq` once and in order.",
    "live:items": "An `items` of the socket.",
    "live:gone": "A `gone` of the socket, in the same order.",
    "live:looking": "A `looking` of the socket.",
    "live:signal": "A `signal` of the socket.",
    "live:ring": "A `ring` of the socket.",
    "live:waiting": "A `waiting` of the socket.",
    "live:line": "A `line` of the socket.",
    "line:ring": "`{entry}`: somebody who waits rings at the reader anew.",
    "line:shown": "The page of the line is fresh.",
    "live:on": "The line is there, and what was missed has been told.",
    "live:off": "`{retryAt}`: the line is down; the moment of the next try in milliseconds.",
    "live:leaving": "The page is about to load anew; the detail is a list for promises of what must be saved first.",
    "ticket:opened": "A conversation came into sight.",
    "ticket:shown": "What came with a change of the open ticket stands in its place.",
    "ticket:new": "`{message, kind, …}`: a message that was not there before.",
    "ticket:changed": "`{ticket, …}`: the reader's own act was done.",
    "ticket:merged": "`{ticket, url, undo}`: two tickets are one now.",
    "ticket:unmerged": "A merge was undone; the page shows what it was undone on.",
    "ticket:said": "`{ticket, message, kind, undo, seconds}`: the reader's reply or note was written.",
    "ticket:unsaid": "`{ticket, message, text, url}`: a reply was taken back.",
    "ticket:begun": "`{ticket, message, url, undo, seconds}`: a ticket was begun from the desk.",
    "ticket:resolve-next": "Resolve the open ticket and go to the next.",
    "ticket:undo-last": "Take the last reply back.",
    "composer:chosen": "A way, a visibility or a template was chosen for the reply; it is kept with the draft.",
    "composer:send": "Send what stands in the composer.",
    "until:over": "`{place}`: the time that was counted down in the element with this id is over.",
    "composer:counted": "`{channel, text, say(words)}`: the reply was counted for its channel; `say` puts words "
    "beside the count.",
    "composer:tool": "`{tool, ticket, mode, insert(text)}`: a plugin's composer tool was chosen; `insert` writes "
    "where the cursor is. `mode` is reply, note, or ticket.",
    "draft:files": "`{mode}`: other files wait with the draft of the reply or note; the page looks again.",
    "action:ask": "`{name, page}`: ask for the value of a plugin's action and carry it out on the selected "
    "tickets, or the open one.",
    "list:next": "Open the next ticket of the list.",
    "list:previous": "Open the previous ticket of the list.",
    "select:toggle": "Select or deselect the row a key is meant for.",
    "select:next": "Extend the selection downwards.",
    "select:previous": "Extend the selection upwards.",
    "select:clear": "Select nothing.",
    "sla:turned": "The promised time of the open ticket ends soon, or is over.",
    "desk:problem": "`{status, text}`: a request failed.",
}
