"""Taking materializations back: which snapshots leave, carrying it out, and what was done before."""
