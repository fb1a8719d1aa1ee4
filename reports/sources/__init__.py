"""Where a study comes from: what was planned and recorded here, or anybody's runs in a file or a frame."""
