// The list is asked for at once when mail has come; where nothing is heard, every few seconds.

import { socket } from "../../js/desk.js";

socket("/x/mailbox").on("mail", () => document.body.dispatchEvent(new Event("mailbox:mail")));
