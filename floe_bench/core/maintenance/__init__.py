"""Looking after tables: which snapshots may go, rewriting files without losing a row, refs, files that lie about."""
