"""Rules as data: conditions that choose tickets, for lists in SQL and for one change in Python, and actions that
change them.
"""
