"""Sources without the names of their owner: for an output that is shown to somebody else.

Names, descriptions, texts, client ids and file names are replaced, the same one always by the same replacement, so that what was
equal stays equal and what differed stays different, case included. Addresses, numbers, times and states stay, and so does what
every Windows server calls the same. Replacements depend on the content of all inputs: the same inputs give the same ones, and
without the inputs nobody can tell what stood there.

Option values that are octets (43, 60, 121 and their like) stay as they are, text inside them included.
"""
