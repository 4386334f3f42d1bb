"""Files: those that are shipped, scenario folders, snapshots. Reads and checks; decides nothing."""
