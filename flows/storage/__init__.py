"""Where the archive and parts of work may live: a folder, or S3-compatible storage, behind one small interface."""
