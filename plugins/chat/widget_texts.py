"""The sentences of the widget: they go to it with the configuration, in the visitor's language.

``{name}`` and its like are filled by the widget, which writes numbers and times as the language does.
"""

from __future__ import annotations

from helpdesk.api.i18n import _


def widget_texts() -> dict[str, str]:
    """Every sentence of the widget by its name, in the language of the moment."""
    return _frame() | _talk() | _files() | _forms()


def _frame() -> dict[str, str]:
    return {
        "open": _("Chat with us"),
        "open_unread": _("Chat with us, new messages: {n}"),
        "close": _("Close the chat"),
        "dismiss": _("Dismiss"),
        "more": _("More"),
        "end": _("End the chat"),
        "mail_me": _("E-mail me the conversation"),
        "call_me": _("Call me back"),
        "welcome": _("Hello! How can we help?"),
        "away": _("Nobody is online now. Leave a message; we answer as soon as we are back."),
        "opens": _("Back {when}"),
        "closed_now": _("Nobody is online now"),
        "online": _("We are online"),
        "answers_at_once": _("We usually answer within a minute"),
        "answers_in": _("We usually answer in {n} min"),
        "agent_here": _("{name}, here for you"),
        "all_busy": _("Everyone is in a chat"),
        "ended": _("The chat has ended"),
        "offline": _("No connection. What you write is sent as soon as it is back."),
        "no_line": _("There is no connection now. Try again in a moment."),
        "went_wrong": _("That did not work. Try again in a moment."),
        "blocked": _("This chat is not available to you."),
        "closed": _("This chat is switched off."),
        "place": _("Your place in line"),
        "wait_unknown": _("We cannot tell yet how long it takes"),
        "wait_minute": _("about a minute"),
        "wait_about": _("about {n} minutes"),
        "wait_span": _("{low} to {high} minutes"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "at_time": _("at {time}"),
        "day_at_time": _("on {day} at {time}"),
    }


def _talk() -> dict[str, str]:
    return {
        "log": _("Messages"),
        "you": _("You:"),
        "desk": _("Message:"),
        "somebody": _("Somebody"),
        "typing": _("{name} is writing"),
        "new_below": _("New messages"),
        "edited": _("edited"),
        "deleted": _("This message was deleted"),
        "sending": _("On its way"),
        "sending_part": _("{n} per cent sent"),
        "waits": _("Waits for the connection"),
        "sent": _("Sent"),
        "received": _("Received; we read it before we answer"),
        "seen": _("Seen"),
        "failed": _("Not sent."),
        "retry": _("Try again"),
        "drop": _("Discard"),
        "your_message": _("Your message"),
        "send": _("Send"),
        "left": _("{n} left"),
        "too_long": _("{n} too many"),
        "write_again": _("I still have a question"),
    }


def _files() -> dict[str, str]:
    return {
        "attach": _("Attach files"),
        "attached": _("Attached files"),
        "limits": _("{count} files, {size} each"),
        "drop_here": _("Drop files here"),
        "remove": _("Remove {name}"),
        "get_file": _("Download {name}, {size}"),
        "enlarge": _("Enlarge {name}"),
        "file_failed": _("not available now"),
        "wrong_type": _("{name} is a kind of file that cannot be sent here."),
        "too_large": _("{name} is too large: up to {size} each."),
        "empty_file": _("{name} is empty."),
        "too_many": _("Up to {count} files in one message."),
        "size_bytes": _("{n} bytes"),
        "size_kb": _("{n} kB"),
        "size_mb": _("{n} MB"),
    }


def _forms() -> dict[str, str]:
    return {
        "first_message": _("Message"),
        "what_help": _("What can we help with?"),
        "begin": _("Begin the chat"),
        "leave_message": _("Leave the message"),
        "answer_there": _("The answer comes here, and to your e-mail once you confirm it."),
        "optional": _("(optional)"),
        "choose": _("Choose one"),
        "needed": _("Fill this in."),
        "needed_consent": _("We need your consent first."),
        "wrong_value": _("This does not look right."),
        "wrong_email": _("This is no e-mail address; write it like name@example.com."),
        "mail_where": _("Where should the answer go?"),
        "mail_if_left": _("If you leave, where should the answer go?"),
        "mail_copy": _("Where should we e-mail the conversation?"),
        "mail_help": _("You may close this window; nothing is lost."),
        "mail_send_code": _("Send me a code"),
        "code": _("The six digits we sent to {address}"),
        "six_digits": _("Write the six digits of the e-mail."),
        "confirm": _("Confirm"),
        "other_address": _("Another address"),
        "mail_proven": _("Answers also go to {address}."),
        "mailed": _("The conversation is on its way to {address}."),
        "rate_question": _("Was your question solved?"),
        "rate_yes": _("Yes"),
        "rate_partly": _("Partly"),
        "rate_no": _("No"),
        "rate_comment": _("Anything we could do better?"),
        "rate_choose": _("Choose one of the answers."),
        "rate_send": _("Send"),
        "rate_thanks": _("Thank you for your answer."),
    }
