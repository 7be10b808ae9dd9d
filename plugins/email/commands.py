"""The command line of e-mail: bring in mail that lies in files, or one that another program hands over."""

from __future__ import annotations
