"""Jobs: work that is done later or again and again, each a leased row written in the commit that caused it (laws 2 and
5).

``kinds`` declares what can be done, ``queue`` adds and cancels, ``runner`` claims and runs, ``schedule`` says when
next.
"""
