"""The demo's English-speaking customers and what they write about."""

from __future__ import annotations

from .stories import BILLING, ORDERS, Story, Voices

_GIVEN = (
    "Emma Oliver Hannah Lucas Priya Daniel Sofia Marcus Grace Adam Chloe Victor Nora Samuel Ingrid Peter Amara Leon Julia Hugo"
).split()
_FAMILY = "Whitfield Schneider Rossi Lindqvist Okafor Novak Moreau Hughes Nair Petersen Kowalski Fischer Brennan".split()

_CUSTOMERS = tuple(
    (f"{given} {family}", given, f"{given.lower()}.{family.lower()}")
    for number in range(64)
    for given in [_GIVEN[number % len(_GIVEN)]]
    for family in [_FAMILY[number % len(_FAMILY)]]
)

_STORIES = (
    Story(
        ORDERS,
        ("Where is my order {order}?", "Order {order} has not arrived"),
        (
            "I ordered a {thing} last week (order {order}) and it was meant to reach {city} by {day}. The tracking page still says \"handed to carrier\". Has it gone missing?",
            "could you check on order {order} please? The delivery window was {day} and nobody came, nor did I get a message.",
        ),
        (
            ("a", "Thank you for telling us. The parcel was held at the depot in {city} because the label was torn. {courier} have printed a new one and will deliver tomorrow before 18:00. I am sorry for the wait."),
            ("c", "Thanks for the quick answer. Tomorrow works."),
            ("c", "It came this morning, all good. Thanks again!"),
        ),
        ("late",),
    ),
    Story(
        ORDERS,
        ("Broken {thing}", "Damaged on arrival: order {order}"),
        (
            "my {thing} arrived today with a long crack down one side. I have attached a photo. The box itself looked fine, so I think it was packed that way. Order {order}.",
            "I unpacked order {order} this evening and the {thing} is broken, see the picture. It is a birthday present for Saturday, so I am a bit desperate.",
        ),
        (
            ("a", "I am so sorry, that is not how it should reach anybody. A new {thing} leaves our warehouse tomorrow by express, free of charge, and you need not send the broken one back."),
            ("n", "Third cracked one from the same batch. Told the warehouse, they are checking the rest."),
            ("c", "That is very kind, thank you. I will let you know when it is here."),
        ),
        ("damaged", "replacement"),
        priority="high",
        file="photo.png",
    ),
    Story(
        ORDERS,
        ("Change of address for order {order}", "Wrong delivery address"),
        (
            "I have just noticed that order {order} is going to my old flat. Is there still time to send it to my office in {city} instead?",
            "we are moving house on {day} and the {thing} would arrive the day after. Can you send it to the new place?",
        ),
        (
            ("a", "It has not left the warehouse yet, so yes. Please reply with the full new address including the postcode and a phone number for the driver."),
            ("c", "14 Mill Lane, second floor, {city}, postcode 4051. Phone +44 20 7946 0112."),
            ("a", "Done. Order {order} goes to Mill Lane, and you will get a new delivery window by tonight."),
        ),
        ("address",),
    ),
    Story(
        ORDERS,
        ("Something is missing from my parcel", "Order {order} is incomplete"),
        (
            "the parcel came today but the {thing} is not in it, although it is on the packing slip. Does it come separately?",
        ),
        (
            ("a", "It does: the {thing} ships from our second warehouse and should be with you within two days. We ought to have told you that on the slip, and I have passed that on."),
            ("c", "No problem, as long as it is on its way."),
        ),
        ("incomplete",),
    ),
    Story(
        ORDERS,
        ("How do I return the {thing}?", "Return for order {order}"),
        (
            "the {thing} is lovely but simply too big for our hallway. It is unused and in its box. How do I send it back, and who pays for that?",
            "I would like to return one item of order {order}. The website asks for a \"return code\" which I cannot find anywhere.",
        ),
        (
            ("a", "You have fourteen days from delivery, and the return is free. Your code is {code}. Print the label from your order page and {courier} will collect the box from your door."),
            ("c", "When will I see the money?"),
            ("a", "Within three working days after the box is back with us, on the card you paid with."),
        ),
        ("return",),
        ends="waiting",
    ),
    Story(
        ORDERS,
        ("When will the {thing} be back in stock?",),
        (
            "I have been watching the {thing} for weeks and it keeps being sold out. Is it coming back at all?",
        ),
        (
            ("n", "Asked purchasing; they expect an answer from the maker on Monday."),
            ("a", "A new shipment is due in about ten days. I can put one aside for you without any obligation; shall I?"),
        ),
        ("stock",),
        ends="pending",
        priority="low",
    ),
    Story(
        ORDERS,
        ("Assembly instructions for the {thing}", "No manual in the box"),
        (
            "there was no manual with my {thing} and I have eight screws left over, which worries me. Could you send me the instructions?",
        ),
        (
            ("a", "Eight left over would worry me too! The manual is attached: the screws belong to the back panel on page 4."),
            ("c", "Ah, the back panel. Sorted, thank you."),
        ),
        ("manual",),
        priority="low",
    ),
    Story(
        ORDERS,
        ("Driver never rang the bell", "\"Delivery attempted\" - no it was not"),
        (
            "{courier} claim they tried to deliver order {order} twice. I work from home and nobody came. Please sort this out with them.",
            "for the second time the tracking says nobody was home. There were three of us here all day. I need this parcel before {day}.",
        ),
        (
            ("a", "I understand how annoying that is. I have spoken to {courier}: they come again {day} between 9 and 12 and will call you first."),
            ("c", "Nobody came. Again. I want my money back or the parcel, today."),
            ("a", "You are right, and I am not going to send you a third promise from them. Our own driver brings it today before 20:00; his number follows by text message."),
            ("c", "It is here. Thank you for taking it seriously."),
        ),
        ("delivery", "complaint"),
        priority="urgent",
    ),
    Story(
        ORDERS,
        ("Please cancel order {order}",),
        (
            "I ordered the same {thing} twice by accident. Please cancel order {order} if it has not gone out yet.",
            "could you cancel order {order}? The button on the page says \"in preparation\" and does nothing.",
        ),
        (
            ("a", "Caught in time: order {order} is cancelled and {amount} goes back to your card within three days."),
        ),
        ("cancelled",),
    ),
    Story(
        ORDERS,
        ("Bulk order for our office", "Quote for 40 pieces"),
        (
            "we are opening an office in {city} and would need forty of the {thing}. Do you offer a discount for companies, and can you deliver all of them on one day?",
        ),
        (
            ("a", "With pleasure. For forty pieces we give 12% and deliver on the day you choose. The quote is attached and holds until the end of the week."),
            ("c", "Thank you, I have passed it to our finance people and will come back to you by {day}."),
        ),
        ("bulk",),
        ends="waiting",
        priority="high",
    ),
    Story(
        ORDERS,
        ("Gift wrapping", "Can you add a card?"),
        (
            "order {order} is a present. Could you wrap it and leave the price out of the box? On the card please: \"From all of us on the third floor\".",
        ),
        (
            ("a", "It is noted: wrapped, card included, invoice only to you."),
            ("c", "Perfect, thank you so much."),
        ),
        ("gift",),
    ),
    Story(
        ORDERS,
        ("How long does shipping to {city} take?",),
        (
            "if I order the {thing} today, will it reach {city} by {day}? And what does express cost?",
        ),
        (
            ("a", "Express to {city} takes two working days and is free above {amount}. Orders placed before 14:00 leave the same day."),
        ),
        ("shipping",),
        priority="low",
    ),
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

VOICES = Voices(
    customers=_CUSTOMERS,
    things=("reading lamp", "set of ceramic cups", "folding chair", "double bedspread", "electric kettle", "wall shelf", "terracotta pot", "side table", "linen curtain"),
    cities=("Leeds", "Hamburg", "Lyon", "Bologna", "Malmö", "Cork", "Antwerp", "Dubai"),
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
    amounts=("€48.50", "€126.00", "€97.20", "€234.00", "€61.90"),
    couriers=("SwiftParcel", "BlueVan", "NorthPost"),
    greetings=("Hello,", "Hi there,", "Good morning,", "Dear team,", "Hi,"),
    goodbyes=("Kind regards\n{name}", "Best wishes\n{name}", "Many thanks\n{name}", "{name}", "Thanks in advance,\n{name}"),
    answer="Hello {whom},\n\n{text}\n\nKind regards\n{agent}\nKashaneh Support",
    stories=_STORIES,
)
