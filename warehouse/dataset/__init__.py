"""The data set of a publication: files of every public table, and descriptors that standard tools read."""
