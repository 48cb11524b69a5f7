"""Publishes the data set of a publication to a place where others read it: a folder, S3 storage, the Hugging Face Hub.

All three follow one rule: the files of a night come first and disturb no reader, then one atomic step makes them
current.  A publisher that dies in between leaves the night before current, and the next one goes on where it stopped.
"""
