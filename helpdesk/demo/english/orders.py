"""What the demo's English-speaking customers write about their orders."""

from __future__ import annotations

from helpdesk.demo.stories import ORDERS, Story

STORIES = (
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
)
