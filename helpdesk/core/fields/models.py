"""The tables of custom fields and their values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.database.base import Base, utcnow
from helpdesk.core.database.columns import Key, key, to


class CustomField(Base):
    """A field an admin defined. ``of`` is "ticket" or "customer"; labels and help by language; ``shown_if`` is {} or
    {field, values}.
    """

    __tablename__ = "custom_field"
    id: Key = key()
    name: Mapped[str] = mapped_column(String(40), unique=True)
    of: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    label: Mapped[dict[str, Any]] = mapped_column(default=dict)
    help: Mapped[dict[str, Any]] = mapped_column(default=dict)
    options: Mapped[list[Any]] = mapped_column(default=list)
    required: Mapped[bool] = mapped_column(default=False)
    shown_if: Mapped[dict[str, Any]] = mapped_column(default=dict)
    retired: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class FieldValue(Base):
    """The value of a field for one ticket or one customer, as plain JSON, and when it was given."""

    __tablename__ = "field_value"
    id: Key = key()
    field_id: Mapped[int] = to("custom_field.id", cascade="CASCADE")
    ticket_id: Mapped[int | None] = to("ticket.id", cascade="CASCADE", index=True)
    customer_id: Mapped[int | None] = to("customer.id", cascade="CASCADE", index=True)
    value: Mapped[Any] = mapped_column(JSON().with_variant(JSONB(), "postgresql"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    __table_args__ = (
        UniqueConstraint("field_id", "ticket_id", name="uq_field_value_ticket"),
        UniqueConstraint("field_id", "customer_id", name="uq_field_value_customer"),
    )
