"""What a trainee sees and does: the list, the notebook of a run, comparing two runs, the file of a run.

Everything shown is built by ``sheet`` of what the trainee may know; templates are handed nothing of a scenario itself.
"""
