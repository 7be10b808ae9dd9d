"""What the demo's English-speaking customers write about money."""

from __future__ import annotations

from helpdesk.demo.stories import BILLING, Story

STORIES = (
    Story(
        BILLING,
        ("Charged twice for order {order}", "Double payment"),
        (
            "my statement shows two payments of {amount} for order {order}. I only placed one order. I have attached the receipt.",
            "the payment page showed an error, so I tried again, and now both payments went through. Please refund one of them.",
        ),
        (
            ("n", "Both captures are on the gateway. Refunded the second, reference 774120."),
            ("a", "You were indeed charged twice. The second payment is refunded under reference 774120; your bank needs up to three working days to show it."),
            ("c", "I can see it now. Thanks for being quick."),
        ),
        ("payment", "refund"),
        priority="high",
        file="receipt.pdf",
    ),
    Story(
        BILLING,
        ("Discount code {code} is refused", "Code does not work"),
        (
            "the code {code} from your newsletter is \"not valid\" at checkout, although it says until the end of the month.",
        ),
        (
            ("a", "It needs a basket above {amount}, which our newsletter forgot to mention. That is our mistake: {code}X works without it."),
            ("c", "Worked at once. Nice of you."),
        ),
        ("discount",),
    ),
    Story(
        BILLING,
        ("Invoice with company name", "Invoice for order {order}"),
        (
            "our accounting needs the invoice for order {order} with the company's name and VAT number. How do I get one?",
        ),
        (
            ("a", "Gladly. Please send us the exact name, address and VAT number."),
            ("c", "Brightwater Ltd, 22 Harbour Road, {city}. VAT GB 123 4567 89."),
            ("a", "The new invoice is attached and also waits in your account."),
        ),
        ("invoice",),
    ),
    Story(
        BILLING,
        ("Cannot sign in any more", "Locked out of my account"),
        (
            "since yesterday the sign-in code never reaches me. My number has not changed. Could you have a look?",
            "I have a new phone number and cannot get into my old account. I would like to keep my order history.",
        ),
        (
            ("a", "To be sure it is really you: what was the last thing you bought from us?"),
            ("c", "A {thing}, order {order}."),
            ("a", "Thank you, that is right. Your new number is saved and you can sign in now."),
            ("c", "I am in. Thanks!"),
        ),
        ("account",),
    ),
    Story(
        BILLING,
        ("Still no refund for order {order}", "Refund overdue"),
        (
            "order {order} was cancelled eight days ago and the {amount} has still not come back. This is the second time I write.",
        ),
        (
            ("a", "I am sorry you had to ask twice. The bank sent the refund back because the card has expired. If you enter an account number under \"Wallet\" I will pay it out today."),
            ("c", "Entered just now."),
            ("a", "Paid out under reference 885231; it should be there tomorrow."),
        ),
        ("refund", "complaint"),
        priority="urgent",
    ),
    Story(
        BILLING,
        ("My points are missing", "Loyalty points for order {order}"),
        (
            "I did not get any points for order {order}. They used to arrive the same day.",
        ),
        (
            ("a", "Points are now added once the return period is over. Yours will be there on {day}; nothing is lost."),
            ("c", "Good to know, thanks."),
        ),
        ("points",),
        priority="low",
    ),
    Story(
        BILLING,
        ("Please take me off your newsletter",),
        (
            "I get three advertisements a day. Please stop those, but keep sending me news about my orders.",
        ),
        (
            ("a", "You are off the newsletter and will only hear about your orders. One more may still be in the queue."),
        ),
        ("privacy",),
    ),
    Story(
        BILLING,
        ("Paying in instalments", "Instalments for the {thing}?"),
        (
            "can I pay for the {thing} in instalments? And is there a fee if I settle it early?",
        ),
        (
            ("a", "Four monthly instalments, with a fee of 4%. Choose \"pay later\" at checkout."),
            ("c", "And if I pay it all after two months, do I get part of the fee back?"),
        ),
        ("instalments",),
    ),
)
