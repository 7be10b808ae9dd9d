"""Tickets and the messages on them: lists, search, timeline, drafts, merging, visibility."""
