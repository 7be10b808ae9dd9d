"""The desk's processes: server, worker, supervisor, and what wakes and watches them."""
