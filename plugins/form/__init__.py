"""Contact forms by topic, with custom fields and files, and a page on which the customer follows the request."""
